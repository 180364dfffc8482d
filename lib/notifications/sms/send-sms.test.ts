import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { getOutboxFolder, readOutbox } from '#lib/notifications/providers/outbox.ts';
import { startProvider } from '#lib/notifications/providers/test-provider.ts';

const sms = { id: randomUUID(), to: '+447894123456', text: 'Acme: 123456 is your code.' };
let dataFolder: string;

beforeEach(async () => {
  dataFolder = await mkdtemp(path.join(tmpdir(), 'send-sms-'));
  vi.stubEnv('STAGEDOOR_DATA', dataFolder);
  vi.resetModules();
});

afterEach(() => rm(dataFolder, { recursive: true, force: true }));

describe('sendSms', () => {
  it('writes an SMS to the outbox if no provider is configured', async () => {
    const { sendSms } = await import('./send-sms.ts');
    expect(await sendSms(sms)).toEqual({ ok: true, provider: 'outbox', providerId: null });
    expect(await readOutbox(getOutboxFolder(dataFolder))).toEqual([
      { ...sms, channel: 'sms', subject: null, html: null, sentAt: expect.any(String) },
    ]);
  });

  it('sends by SNS and not to the outbox if SNS is configured', async () => {
    await using provider = await startProvider({
      status: 200,
      body: '<PublishResponse><PublishResult><MessageId>567910cd</MessageId></PublishResult></PublishResponse>',
    });
    vi.stubEnv('SMS_PROVIDER', 'sns');
    vi.stubEnv('AWS_ENDPOINT_URL_SNS', provider.url);
    vi.stubEnv('AWS_REGION', 'eu-west-2');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIATESTTESTTEST');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    const { sendSms } = await import('./send-sms.ts');
    expect(await sendSms(sms)).toEqual({ ok: true, provider: 'sns', providerId: '567910cd' });
    expect(new URLSearchParams(provider.requests[0]?.body).get('PhoneNumber')).toBe(sms.to);
    expect(await readOutbox(getOutboxFolder(dataFolder))).toEqual([]);
  });

  it('sends by Twilio and not to the outbox if Twilio is configured', async () => {
    const sid = `SM${'0'.repeat(32)}`;
    await using provider = await startProvider({ status: 201, body: JSON.stringify({ sid }) });
    vi.stubEnv('SMS_PROVIDER', 'twilio');
    vi.stubEnv('TWILIO_ACCOUNT_SID', `AC${'0'.repeat(32)}`);
    vi.stubEnv('TWILIO_AUTH_TOKEN', 'token');
    vi.stubEnv('TWILIO_FROM', 'Stagedoor');
    vi.stubEnv('TWILIO_BASE_URL', provider.url);
    const { sendSms } = await import('./send-sms.ts');
    expect(await sendSms(sms)).toEqual({ ok: true, provider: 'twilio', providerId: sid });
    expect(new URLSearchParams(provider.requests[0]?.body).get('To')).toBe(sms.to);
    expect(await readOutbox(getOutboxFolder(dataFolder))).toEqual([]);
  });
});
