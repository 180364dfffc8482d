import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { outboxFolder, readOutbox } from '#lib/notifications/providers/outbox.ts';
import { startProvider } from '#lib/notifications/providers/test-provider.ts';

const text = { id: randomUUID(), to: '+447894123456', text: 'Acme: 123456 is your code.' };
let dataFolder: string;

beforeEach(async () => {
  dataFolder = await mkdtemp(path.join(tmpdir(), 'send-text-'));
  vi.stubEnv('STAGEDOOR_DATA', dataFolder);
  vi.resetModules();
});

afterEach(() => rm(dataFolder, { recursive: true, force: true }));

test('with no provider set, a text goes to the outbox', async () => {
  const { sendSms } = await import('./send-sms.ts');
  expect(await sendSms(text)).toEqual({ ok: true, provider: 'outbox', providerId: null });
  expect(await readOutbox(outboxFolder(dataFolder))).toEqual([
    { ...text, channel: 'sms', subject: null, html: null, sentAt: expect.any(String) },
  ]);
});

test('with SNS set, it goes there, and there is no outbox', async () => {
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
  expect(await sendSms(text)).toEqual({ ok: true, provider: 'sns', providerId: '567910cd' });
  expect(new URLSearchParams(provider.requests[0]?.body).get('PhoneNumber')).toBe(text.to);
  expect(await readOutbox(outboxFolder(dataFolder))).toEqual([]);
});

test('with Twilio set, it goes there, and there is no outbox', async () => {
  const sid = `SM${'0'.repeat(32)}`;
  await using provider = await startProvider({ status: 201, body: JSON.stringify({ sid }) });
  vi.stubEnv('SMS_PROVIDER', 'twilio');
  vi.stubEnv('TWILIO_ACCOUNT_SID', `AC${'0'.repeat(32)}`);
  vi.stubEnv('TWILIO_AUTH_TOKEN', 'token');
  vi.stubEnv('TWILIO_FROM', 'Stagedoor');
  vi.stubEnv('TWILIO_BASE_URL', provider.url);
  const { sendSms } = await import('./send-sms.ts');
  expect(await sendSms(text)).toEqual({ ok: true, provider: 'twilio', providerId: sid });
  expect(new URLSearchParams(provider.requests[0]?.body).get('To')).toBe(text.to);
  expect(await readOutbox(outboxFolder(dataFolder))).toEqual([]);
});
