import { describe, expect, it } from 'vitest';
import { parseSettings } from '#lib/platform/config/settings.ts';
import { getOutboxWarning, isForwarded, isOutboxOpen } from './outbox-access.ts';

function parseValidSettings(environment: Record<string, string>) {
  const parsed = parseSettings(environment, 'all');
  if (!parsed.ok) throw new Error(parsed.errors.join('\n'));
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
    'returns true for a direct request, and false for a forwarded one, with %j',
    (environment) => {
      expect(isOutboxOpen(parseValidSettings(environment), true)).toBe(true);
      expect(isOutboxOpen(parseValidSettings(environment), false)).toBe(false);
    },
  );

  it.each(EXPOSED)('returns false with %s', (_, environment) => {
    expect(isOutboxOpen(parseValidSettings(environment), true)).toBe(false);
  });

  it('returns false with real providers', () => {
    expect(isOutboxOpen(parseValidSettings(PROVIDERS), true)).toBe(false);
  });
});

describe('getOutboxWarning', () => {
  it.each(EXPOSED)('names the setting that exposes the web service, with %s', (_, environment, reason) => {
    expect(getOutboxWarning(parseValidSettings(environment))).toContain(`Warning: ${reason}, `);
  });

  it('returns null if only this machine can reach the web service, or with real providers', () => {
    expect(getOutboxWarning(parseValidSettings({}))).toBeNull();
    expect(
      getOutboxWarning(parseValidSettings({ ...PROVIDERS, PUBLIC_URL: 'https://stagedoor.example' })),
    ).toBeNull();
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
  ])('returns true for the header %s, even if it is empty', (name) => {
    expect(isForwarded({ host: 'localhost', [name]: '' })).toBe(true);
  });

  it('returns false for an ordinary browser request', () => {
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
