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

describe('provider settings', () => {
  it('allow at most one email provider, and require a sender for it', () => {
    const EMAIL_FROM = 'access@example.org';
    const SMTP_URL = 'smtps://user:password@mail.example.org';
    expect(findErrors({ SMTP_URL, RESEND_API_KEY: 're_1', EMAIL_FROM })).toEqual([
      'RESEND_API_KEY and SMTP_URL are both set: use only one',
    ]);
    expect(findErrors({ SMTP_URL })).toEqual(['SMTP_URL also needs EMAIL_FROM: set both or neither']);
    expect(findErrors({ EMAIL_FROM })).toEqual([expect.stringMatching(/^EMAIL_FROM also needs/)]);
    const { RESEND_API_KEY: _, ...others } = production;
    expect(findErrors({ ...others, SMTP_URL })).toEqual([]);
    // The verifier ignores errors in combinations of settings that it does not use.
    expect(findErrors({ ...production, SMTP_URL }, 'verifier')).toEqual([]);
  });

  it.each<[string, object]>([
    ['smtps://mail.example.org', { host: 'mail.example.org', port: 465, security: 'tls', login: null }],
    [
      'smtp://apikey:p%40ss%2Fw%3Ard@mail.example.org',
      {
        host: 'mail.example.org',
        port: 587,
        security: 'starttls',
        login: { user: 'apikey', pass: 'p@ss/w:rd' },
      },
    ],
    ['smtp://localhost:25/', { host: 'localhost', port: 25, security: 'none', login: null }],
    ['smtp://[::1]:2525', { host: '::1', port: 2525, security: 'none', login: null }],
    ['smtps://127.0.0.1:4650', { host: '127.0.0.1', port: 4650, security: 'tls', login: null }],
  ])('parse SMTP_URL %s', (SMTP_URL, server) => {
    const result = parseSettings({ SMTP_URL, EMAIL_FROM: 'access@example.org' }, 'all');
    expect(result).toMatchObject({ settings: { email: { provider: 'smtp', server } } });
  });

  it.each([
    'mail.example.org:25',
    'http://mail.example.org',
    'smtp://',
    'smtp://user@mail.example.org',
    'smtp://:password@mail.example.org',
    'smtp://user:100%@mail.example.org',
    'smtp://mail.example.org/path',
    'smtp://mail.example.org?tls.rejectUnauthorized=false',
  ])('reject SMTP_URL %s', (SMTP_URL) => {
    expect(findErrors({ SMTP_URL, EMAIL_FROM: 'access@example.org' })).toEqual([
      expect.stringMatching(/^SMTP_URL must/),
    ]);
  });

  it.each(['access', 'a@b.example, c@d.example', 'A <a@b.example>\r\nBcc: c@d.example', 'A <a b@c.example>'])(
    'reject EMAIL_FROM %j',
    (EMAIL_FROM) => {
      expect(findErrors({ RESEND_API_KEY: 're_1', EMAIL_FROM })).toEqual([
        expect.stringMatching(/^EMAIL_FROM must/),
      ]);
    },
  );

  it('remove invisible characters from EMAIL_FROM', () => {
    const EMAIL_FROM = '\ufeffNorth\u00a0Gate <access\u200b@example.org\u2060>';
    expect(parseSettings({ RESEND_API_KEY: 're_1', EMAIL_FROM }, 'all')).toMatchObject({
      settings: { email: { from: 'North Gate <access@example.org>' } },
    });
  });

  const twilio = {
    SMS_PROVIDER: 'twilio',
    TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
    TWILIO_AUTH_TOKEN: 'token',
    TWILIO_FROM: '+447700900123',
  };

  it("accept Twilio with the account's token or an API key", () => {
    expect(parseSettings({ ...production, ...twilio }, 'all')).toMatchObject({
      settings: {
        sms: {
          provider: 'twilio',
          account: {
            accountSid: twilio.TWILIO_ACCOUNT_SID,
            login: { user: twilio.TWILIO_ACCOUNT_SID, password: 'token' },
            from: '+447700900123',
            baseUrl: 'https://api.twilio.com',
          },
        },
      },
    });
    const TWILIO_API_KEY_SID = `SK${'1'.repeat(32)}`;
    const { TWILIO_AUTH_TOKEN: _, ...others } = twilio;
    const withApiKey = { ...others, TWILIO_API_KEY_SID, TWILIO_API_KEY_SECRET: 'secret' };
    expect(parseSettings({ ...withApiKey, TWILIO_BASE_URL: 'http://localhost:1/' }, 'all')).toMatchObject({
      settings: {
        sms: {
          account: {
            login: { user: TWILIO_API_KEY_SID, password: 'secret' },
            baseUrl: 'http://localhost:1',
          },
        },
      },
    });
  });

  it.each<[string, Record<string, string>]>([
    ['TWILIO_ACCOUNT_SID', { TWILIO_ACCOUNT_SID: '' }],
    ['TWILIO_ACCOUNT_SID', { TWILIO_ACCOUNT_SID: 'AC/../..' }],
    ['TWILIO_FROM', { TWILIO_FROM: '' }],
    ['TWILIO_FROM', { TWILIO_FROM: '12345' }],
    ['TWILIO_AUTH_TOKEN', { TWILIO_AUTH_TOKEN: '' }],
    ['TWILIO_API_KEY_SID', { TWILIO_API_KEY_SECRET: 'secret' }],
    ['TWILIO_AUTH_TOKEN', { TWILIO_API_KEY_SID: `SK${'1'.repeat(32)}`, TWILIO_API_KEY_SECRET: 'secret' }],
    ['TWILIO_BASE_URL', { TWILIO_BASE_URL: 'http://twilio.example' }],
    [
      'SNS_DELIVERY_LOG_GROUP',
      { SNS_DELIVERY_LOG_GROUP: 'sns/eu-west-2/1/DirectPublishToPhoneNumber/Failure' },
    ],
    ['RESEND_WEBHOOK_SECRET', { RESEND_WEBHOOK_SECRET: 'whsec_short' }],
    ['RESEND_WEBHOOK_SECRET', { RESEND_WEBHOOK_SECRET: 'bm90IHRoZSByaWdodCBzb3J0IG9mIHNlY3JldA==' }],
  ])('report an error in %s by name', (name, environment) => {
    expect(findErrors({ ...twilio, ...environment })).toEqual([
      expect.stringMatching(new RegExp(`^${name} `)),
    ]);
  });

  it.each(['MG0123456789abcdef0123456789abcdef', 'Stagedoor', '+15005550006'])(
    'accept TWILIO_FROM %s',
    (TWILIO_FROM) => {
      expect(findErrors({ ...twilio, TWILIO_FROM })).toEqual([]);
    },
  );

  it('normalise the number in TWILIO_FROM', () => {
    const TWILIO_FROM = '\u202d+1 (500) 555-0006\u202c';
    expect(parseSettings({ ...production, ...twilio, TWILIO_FROM }, 'all')).toMatchObject({
      settings: { sms: { account: { from: '+15005550006' } } },
    });
  });

  const dlt = { SNS_DLT_ENTITY_ID: '1101234567890123456', SNS_DLT_TEMPLATE_ID: '1107234567890123456' };

  it('accept a sender ID, an origination number and DLT ids for SNS', () => {
    const sender = { SNS_SENDER_ID: 'Acme-Tix', SNS_ORIGINATION_NUMBER: '+1 (202) 555-0143', ...dlt };
    expect(parseSettings({ ...production, ...sender }, 'all')).toMatchObject({
      settings: {
        sms: {
          sender: {
            senderId: 'Acme-Tix',
            originationNumber: '+12025550143',
            dlt: { entityId: dlt.SNS_DLT_ENTITY_ID, templateId: dlt.SNS_DLT_TEMPLATE_ID },
          },
        },
      },
    });
    expect(parseSettings(production, 'all')).toMatchObject({
      settings: { sms: { sender: { senderId: null, originationNumber: null, dlt: null } } },
    });
  });

  it.each<[string, Record<string, string>]>([
    ...['AB', 'TwelveLetter', '12345', 'Acme Tix', '-Acme', 'Acme-', 'Ácme'].map(
      (SNS_SENDER_ID): [string, Record<string, string>] => ['SNS_SENDER_ID', { SNS_SENDER_ID }],
    ),
    ...['1234', '+123456789012345', 'Acme'].map(
      (SNS_ORIGINATION_NUMBER): [string, Record<string, string>] => [
        'SNS_ORIGINATION_NUMBER',
        { SNS_ORIGINATION_NUMBER },
      ],
    ),
    ['SNS_DLT_ENTITY_ID', { ...dlt, SNS_SENDER_ID: 'ACMETX', SNS_DLT_ENTITY_ID: '1 2' }],
    ['SNS_DLT_TEMPLATE_ID', { ...dlt, SNS_SENDER_ID: 'ACMETX', SNS_DLT_TEMPLATE_ID: '1'.repeat(51) }],
    ['SNS_DLT_ENTITY_ID', { SNS_SENDER_ID: 'ACMETX', SNS_DLT_TEMPLATE_ID: '1107' }],
    ['SNS_SENDER_ID', dlt],
  ])('report an error in %s by name: %j', (name, environment) => {
    expect(findErrors({ ...production, ...environment })).toEqual([
      expect.stringMatching(new RegExp(`^${name} `)),
    ]);
  });

  it('accept a webhook secret and an SNS delivery log group', () => {
    const optional = {
      RESEND_WEBHOOK_SECRET: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      SNS_DELIVERY_LOG_GROUP: 'sns/eu-west-2/123456789012/DirectPublishToPhoneNumber',
    };
    expect(parseSettings({ ...production, ...optional }, 'all')).toMatchObject({
      settings: {
        resendWebhookSecret: optional.RESEND_WEBHOOK_SECRET,
        sms: { provider: 'sns', logGroup: optional.SNS_DELIVERY_LOG_GROUP },
      },
    });
    expect(parseSettings(production, 'all')).toMatchObject({
      settings: { resendWebhookSecret: null, sms: { logGroup: null } },
    });
  });
});
