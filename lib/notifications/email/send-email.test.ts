import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { getOutboxFolder, readOutbox } from '#lib/notifications/providers/outbox.ts';
import { startProvider } from '#lib/notifications/providers/test-provider.ts';
import { startSmtpServer } from '#lib/testing/smtp-server.ts';

const email = {
  id: randomUUID(),
  to: 'ops@integrator.example',
  subject: 'Subject',
  text: 'text',
  html: '<p>html</p>',
};
let dataFolder: string;

beforeEach(async () => {
  dataFolder = await mkdtemp(path.join(tmpdir(), 'send-email-'));
  vi.stubEnv('STAGEDOOR_DATA', dataFolder);
  vi.resetModules();
});

afterEach(() => rm(dataFolder, { recursive: true, force: true }));

describe('sendEmail', () => {
  it('writes a repeated email to the outbox once if no provider is configured', async () => {
    const { sendEmail } = await import('./send-email.ts');
    expect(await sendEmail(email)).toEqual({ ok: true, provider: 'outbox', providerId: null });
    expect(await sendEmail(email)).toEqual({ ok: true, provider: 'outbox', providerId: null });
    expect(await readOutbox(getOutboxFolder(dataFolder))).toEqual([
      { ...email, channel: 'email', sentAt: expect.any(String) },
    ]);
  });

  it('sends by Resend and not to the outbox if Resend is configured', async () => {
    await using provider = await startProvider({ status: 200, body: '{"id":"49a3999c"}' });
    vi.stubEnv('RESEND_API_KEY', 're_test');
    vi.stubEnv('EMAIL_FROM', 'Acme <access@acme.example>');
    vi.stubEnv('RESEND_BASE_URL', provider.url);
    const { sendEmail } = await import('./send-email.ts');
    expect(await sendEmail(email)).toEqual({ ok: true, provider: 'resend', providerId: '49a3999c' });
    expect(JSON.parse(provider.requests[0]?.body ?? '')).toMatchObject({
      from: 'Acme <access@acme.example>',
      to: email.to,
    });
    expect(await readOutbox(getOutboxFolder(dataFolder))).toEqual([]);
  });

  it('sends by SMTP and not to the outbox if a mail server is configured', async () => {
    await using server = await startSmtpServer();
    vi.stubEnv('SMTP_URL', `smtp://localhost:${server.port}`);
    vi.stubEnv('EMAIL_FROM', 'Acme <access@acme.example>');
    const { sendEmail } = await import('./send-email.ts');
    expect(await sendEmail(email)).toEqual({ ok: true, provider: 'smtp', providerId: null });
    expect(server.emails).toMatchObject([{ from: 'access@acme.example', to: [email.to] }]);
    expect(await readOutbox(getOutboxFolder(dataFolder))).toEqual([]);
  });
});
