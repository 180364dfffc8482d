import { describe, expect, it } from 'vitest';
import { parseSettings } from './settings.ts';

const secret = 'a-secret-of-at-least-thirty-two-characters';
const production = {
  DATABASE_URL: 'postgresql://stagedoor@db.example.org/stagedoor',
  AUTH_SECRET: secret,
  RESEND_API_KEY: 're_1',
  EMAIL_FROM: 'Access <access@example.org>',
  SMS_PROVIDER: 'sns',
  PUBLIC_URL: 'https://access.example.org/',
};
const findErrors = (
  environment: Record<string, string>,
  service: 'all' | 'web' | 'worker' | 'verifier' = 'all',
) => {
  const result = parseSettings(environment, service);
  return result.ok ? [] : result.errors;
};

describe('parseSettings', () => {
  it('requires no variables in embedded mode', () => {
    const result = parseSettings({}, 'all');
    expect(result).toMatchObject({
      ok: true,
      settings: {
        port: 3000,
        verifierPort: 3001,
        host: '127.0.0.1',
        publicUrl: 'http://localhost:3000',
        isEmbedded: true,
        email: { provider: 'outbox' },
        sms: { provider: 'outbox' },
        apiKeyTag: 'stagekey',
        api: { baseUrl: null, docsUrl: null, contact: null },
        verifierUrl: 'http://127.0.0.1:3001',
        organisationCountry: 'GB',
        organisationTimeZone: 'UTC',
        firstAdminEmail: 'admin@example.com',
        firstAdminPassword: undefined,
        hasFirstPassword: false,
        requestsPerMinute: null,
        unknownKeysPerMinute: 300,
        verifierTrustedProxies: 0,
        auditRetentionDays: null,
      },
    });
  });

  it('reads from STAGEDOOR_FIRST_PASSWORD_GIVEN whether the first password is set', () => {
    expect(parseSettings({ STAGEDOOR_FIRST_PASSWORD_GIVEN: '1' }, 'all')).toMatchObject({
      settings: { hasFirstPassword: true, firstAdminPassword: undefined },
    });
  });

  it('accepts a complete production environment', () => {
    expect(parseSettings(production, 'all')).toMatchObject({
      ok: true,
      settings: {
        isEmbedded: false,
        publicUrl: 'https://access.example.org',
        email: { provider: 'resend', apiKey: 're_1', from: 'Access <access@example.org>' },
        sms: { provider: 'sns' },
      },
    });
  });

  it('normalises names, and refuses what cannot be displayed', () => {
    const names = {
      ORGANISATION_NAME: '\ufeffThe\u0301a\u0302tre\u00a0“Gas”\n',
      OIDC_NAME: '\u200bNorthwind\u2009ID ',
    };
    const client = { OIDC_ISSUER: 'https://id.example.org', OIDC_CLIENT_ID: 'a', OIDC_CLIENT_SECRET: 'b' };
    expect(parseSettings({ ...production, ...client, ...names }, 'all')).toMatchObject({
      settings: { organisationName: 'Théâtre “Gas”', singleSignOn: { name: 'Northwind ID' } },
    });
    expect(parseSettings({ ORGANISATION_NAME: '\u200b' }, 'all')).toMatchObject({
      settings: { organisationName: 'Stagedoor' },
    });
    expect(findErrors({ ORGANISATION_NAME: 'North\ue000gate' })).toEqual([
      'ORGANISATION_NAME has a character that can’t be displayed',
    ]);
  });

  it('requires an owner that is another user of the same database', () => {
    const findErrorsWithOwner = (url: string) => findErrors({ ...production, DATABASE_OWNER_URL: url });
    expect(findErrorsWithOwner('postgresql://owner@db.example.org/stagedoor')).toEqual([]);
    for (const [url, message] of [
      ['postgresql://stagedoor@db.example.org/stagedoor', 'a different user'],
      ['postgresql://owner@db.example.org/elsewhere', 'the same database'],
      ['mysql://owner@db.example.org/stagedoor', 'must start with'],
    ]) {
      expect(findErrorsWithOwner(url ?? '').join()).toContain(message);
      expect(findErrorsWithOwner(url ?? '').join()).toMatch(/^DATABASE_OWNER_URL /);
    }
  });

  it('requires sslmode in each database URL if PGSSLMODE, which is ignored, asks for TLS', () => {
    const url = production.DATABASE_URL;
    const find = (PGSSLMODE: string, urls: Record<string, string> = {}) =>
      findErrors({ ...production, ...urls, PGSSLMODE });
    for (const mode of ['prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'])
      expect(find(mode)).toEqual([expect.stringMatching(/^DATABASE_URL must have sslmode/)]);
    const [owner, verifier] = ['postgresql://owner@db/stagedoor', 'postgresql://stagedoor@standby/stagedoor'];
    expect(find('require', { DATABASE_OWNER_URL: owner, VERIFIER_DATABASE_URL: verifier })).toHaveLength(3);
    for (const mode of ['', ' ', 'disable', 'allow']) expect(find(mode)).toEqual([]);
    for (const parameters of [
      'sslmode=require',
      'sslmode=disable',
      'ssl=false',
      'sslrootcert=a',
      'host=/tmp',
    ])
      expect(find('require', { DATABASE_URL: `${url}?${parameters}` })).toEqual([]);
    expect(findErrors({ PGSSLMODE: 'require' })).toEqual([]);
  });

  it('accepts a retention of 90 days or more', () => {
    for (const days of ['0', '89', '-90', 'x', '36501'])
      expect(findErrors({ AUDIT_RETENTION_DAYS: days }).join()).toContain('AUDIT_RETENTION_DAYS');
    expect(parseSettings({ AUDIT_RETENTION_DAYS: '90' }, 'all')).toMatchObject({
      settings: { auditRetentionDays: 90 },
    });
  });

  it('accepts the names of time zones, but no offsets', () => {
    for (const name of ['UTC', 'Europe/London', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5']) {
      expect(parseSettings({ ORGANISATION_TIME_ZONE: name }, 'all')).toMatchObject({
        settings: { organisationTimeZone: name },
      });
    }
    // PostgreSQL would accept the last two, and read the sign the other way round.
    for (const name of ['Mars/Olympus_Mons', 'London', 'BST', '+01:00', 'UTC+1'])
      expect(findErrors({ ORGANISATION_TIME_ZONE: name }).join()).toContain('ORGANISATION_TIME_ZONE');
  });

  it('reports all invalid variables together, by name', () => {
    const environment = {
      PORT: 'x',
      VERIFIER_PORT: '70000',
      ORGANISATION_COUNTRY: 'England',
      ORGANISATION_TIME_ZONE: 'London',
      API_KEY_TAG: 'a_b',
    };
    const errors = findErrors({ ...environment, PUBLIC_URL: 'http://example.org', AUTH_SECRET: 'short' });
    expect(errors.map((sentence) => sentence.split(' ')[0])).toEqual([
      'PORT',
      'VERIFIER_PORT',
      'PUBLIC_URL',
      'AUTH_SECRET',
      'ORGANISATION_COUNTRY',
      'ORGANISATION_TIME_ZONE',
      'API_KEY_TAG',
    ]);
  });

  it('reports a missing secret and missing providers outside embedded mode', () => {
    const { DATABASE_URL } = production;
    const names = ['AUTH_SECRET', 'RESEND_API_KEY', 'SMS_PROVIDER'];
    for (const service of ['all', 'web', 'worker'] as const) {
      expect(findErrors({ DATABASE_URL }, service).map((sentence) => sentence.split(' ')[0])).toEqual(names);
    }
    expect(findErrors({ ...production, SMS_PROVIDER: 'outbox' })).toHaveLength(1);
  });

  it('requires only a database for the verifier', () => {
    expect(findErrors({ DATABASE_URL: production.DATABASE_URL }, 'verifier')).toEqual([]);
    expect(findErrors({}, 'verifier')).toEqual(['DATABASE_URL is missing']);
    // The verifier ignores the other variables of a shared environment.
    const { RESEND_API_KEY: _, ...shared } = production;
    expect(findErrors(shared, 'verifier')).toEqual([]);
  });

  it.each([
    'https://access.example.org/path',
    'https://user@access.example.org',
    'https://access.example.org?x=1',
    'http://access.example.org',
    'ftp://access.example.org',
    'access.example.org',
    `https://${'a'.repeat(60)}.${'b'.repeat(60)}.org`,
  ])('rejects PUBLIC_URL %s', (PUBLIC_URL) => {
    expect(findErrors({ PUBLIC_URL })).toEqual([expect.stringMatching(/^PUBLIC_URL must/)]);
  });

  it('reads what the key page says about the API', () => {
    const environment = {
      API_BASE_URL: 'https://api.example.org/v1',
      API_DOCS_URL: 'https://docs.example.org/?page=1#start',
      API_CONTACT: ' Ada Lovelace <api@example.org>',
    };
    expect(parseSettings(environment, 'all')).toMatchObject({
      settings: {
        api: {
          baseUrl: 'https://api.example.org/v1',
          docsUrl: 'https://docs.example.org/?page=1#start',
          contact: { name: 'Ada Lovelace', email: 'api@example.org' },
        },
      },
    });
  });

  it.each([
    [
      'API_BASE_URL',
      ['http://api.example.org', 'https://api.example.org/?x=1', 'https://user@api.example.org'],
    ],
    ['API_DOCS_URL', ['javascript:alert(1)', 'http://docs.example.org', 'docs.example.org']],
    ['API_CONTACT', ['api@example.org', 'Ada Lovelace', '<api@example.org>', 'Ada <not an address>']],
    [
      'VERIFIER_URL',
      ['verifier:3001', 'ftp://verifier', 'http://user:x@verifier', 'http://verifier/verify?x=1'],
    ],
  ])('rejects invalid values of %s', (name, values) => {
    for (const value of values)
      expect(findErrors({ [name]: value }), value).toEqual([
        expect.stringMatching(new RegExp(`^${name} must`)),
      ]);
  });

  it.each([
    [{ VERIFIER_URL: 'https://verifier.example.org/' }, 'https://verifier.example.org'],
    [{ VERIFIER_URL: 'http://verifier.internal:3001/verify' }, 'http://verifier.internal:3001'],
    [{ VERIFIER_URL: 'https://example.org/keys/verify/' }, 'https://example.org/keys'],
    [{ HOST: '0.0.0.0', VERIFIER_PORT: '3900' }, 'http://127.0.0.1:3900'],
    [{ HOST: '::' }, 'http://[::1]:3001'],
  ])('reads where the verifier is from %j', (environment, verifierUrl) => {
    expect(parseSettings(environment, 'all')).toMatchObject({ settings: { verifierUrl } });
  });

  it('treats a blank variable as not set', () => {
    expect(findErrors({ PORT: '', AUTH_SECRET: ' ', DATABASE_URL: '' })).toEqual([]);
  });

  it('reports an email provider without a sender', () => {
    expect(findErrors({ RESEND_API_KEY: 're_1' })).toEqual([
      expect.stringMatching(/RESEND_API_KEY also needs EMAIL_FROM/),
    ]);
  });
});
