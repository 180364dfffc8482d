import { describe, expect, it } from 'vitest';
import { parseSettings } from '#lib/platform/config/settings.ts';
import { isForwarded, isOutboxOpen, outboxWarning } from './outbox-access.ts';

function settingsOf(environment: Record<string, string>) {
  const parsed = parseSettings(environment, 'all');
  if (!parsed.ok) throw new Error(parsed.mistakes.join('\n'));
  return parsed.settings;
}

const EXPOSED: [string, Record<string, string>, string][] = [
  [
    'a public address',
    { PUBLIC_URL: 'https://stagedoor.example' },
    'PUBLIC_URL is https://stagedoor.example',
  ],
  ['a proxy', { TRUSTED_PROXIES: '1' }, 'TRUSTED_PROXIES is 1'],
  ['a listener on every interface', { HOST: '0.0.0.0' }, 'HOST is 0.0.0.0'],
  ['a listener on every IPv6 interface', { HOST: '::' }, 'HOST is ::'],
];
const PROVIDERS = {
  RESEND_API_KEY: 're_x',
  EMAIL_FROM: 'access@example.org',
  SMS_PROVIDER: 'sns',
};

describe('isOutboxOpen', () => {
  it.each([{}, { HOST: '::1' }, { HOST: '127.0.0.2' }, { PUBLIC_URL: 'http://127.0.0.1:3000' }])(
    'allows reading without signing in from this machine with %j',
    (environment) => {
      expect(isOutboxOpen(settingsOf(environment), true)).toBe(true);
      expect(isOutboxOpen(settingsOf(environment), false)).toBe(false);
    },
  );

  it.each(EXPOSED)('requires an administrator with %s', (_, environment) => {
    expect(isOutboxOpen(settingsOf(environment), true)).toBe(false);
  });

  it('is never open with real providers', () => {
    expect(isOutboxOpen(settingsOf(PROVIDERS), true)).toBe(false);
  });
});

describe('outboxWarning', () => {
  it.each(EXPOSED)('names the setting with %s', (_, environment, reason) => {
    expect(outboxWarning(settingsOf(environment))).toContain(`Warning: ${reason}, `);
  });

  it('returns null if only this machine is served, or with real providers', () => {
    expect(outboxWarning(settingsOf({}))).toBeNull();
    expect(outboxWarning(settingsOf({ ...PROVIDERS, PUBLIC_URL: 'https://stagedoor.example' }))).toBeNull();
  });
});

describe('isForwarded', () => {
  it.each([
    'forwarded',
    'x-forwarded-for',
    'x-forwarded-host',
    'x-forwarded-proto',
    'x-real-ip',
    'via',
    'cf-connecting-ip',
    'cf-ray',
    'true-client-ip',
    'x-amzn-trace-id',
  ])('recognises %s, even if it is empty', (name) => {
    expect(isForwarded({ host: 'localhost', [name]: '' })).toBe(true);
  });

  it('treats an ordinary browser request as direct', () => {
    const headers = [
      'host',
      'connection',
      'user-agent',
      'accept',
      'origin',
      'referer',
      'cookie',
      'sec-fetch-site',
    ];
    expect(isForwarded(Object.fromEntries(headers.map((name) => [name, 'x'])))).toBe(false);
  });
});
