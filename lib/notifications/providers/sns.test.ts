import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { SnsSender } from '#lib/platform/config/provider-settings.ts';
import { controlDeadlines } from '#lib/testing/deadline.ts';
import type { SendResult } from './send-result.ts';
import { createSnsClient, sendBySns } from './sns.ts';
import { type Behaviour, startProvider } from './test-provider.ts';

const accessKeyId = 'AKIATESTTESTTEST';
const secretAccessKey = 'secret-of-the-test';
const makeSms = () => ({
  id: randomUUID(),
  to: '+447894123456',
  text: 'Acme: 123456 is your code.\n@acme #123456',
});

const DEFAULT_SENDER: SnsSender = { senderId: null, originationNumber: null, dlt: null };

const ACCEPTED: Behaviour = {
  status: 200,
  headers: { 'Content-Type': 'text/xml' },
  body:
    '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult>' +
    '<MessageId>567910cd-659e-55d4-8ccb-5aaf14679dc0</MessageId></PublishResult></PublishResponse>',
};

function createErrorResponse(status: number, code: string, message = 'as SNS says', headers = {}): Behaviour {
  const type = status < 500 ? 'Sender' : 'Receiver';
  const body =
    `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>${type}</Type>` +
    `<Code>${code}</Code><Message>${message}</Message></Error><RequestId>1</RequestId></ErrorResponse>`;
  return { status, headers: { 'Content-Type': 'text/xml', ...headers }, body };
}

/** Reads the names and values of the attributes in a request, all of which must be strings. */
function readAttributes(body: string | undefined): Record<string, string> {
  const form = new URLSearchParams(body);
  const numbers = [...form.keys()].flatMap(
    (key) => /^MessageAttributes\.entry\.(\d+)\.Name$/.exec(key)?.[1] ?? [],
  );
  return Object.fromEntries(
    numbers.map((number) => {
      const entry = `MessageAttributes.entry.${number}`;
      expect(form.get(`${entry}.Value.DataType`)).toBe('String');
      return [form.get(`${entry}.Name`) ?? '', form.get(`${entry}.Value.StringValue`) ?? ''];
    }),
  );
}

/** Sends an SMS to a provider with this behaviour, and checks that the reason contains no secret or phone number. */
async function sendTo(behaviour: Behaviour): Promise<SendResult> {
  await using provider = await startProvider(behaviour);
  const credentials = { accessKeyId, secretAccessKey };
  const client = createSnsClient({ endpoint: provider.url, region: 'eu-west-2', credentials });
  const result = await sendBySns({ client, sender: DEFAULT_SENDER }, makeSms());
  client.destroy();
  expect(provider.requests).toHaveLength(1);
  if (!result.ok) expect(result.reason).not.toMatch(/447894|AKIA|secret-|123456/);
  return result;
}

beforeEach(() => {
  vi.stubEnv('AWS_CONFIG_FILE', '/nowhere');
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nowhere');
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
});

describe('request to SNS', () => {
  it('is one signed Publish of a transactional SMS, configured by the environment variables of the SDK', async () => {
    await using provider = await startProvider(ACCEPTED);
    vi.stubEnv('AWS_ENDPOINT_URL_SNS', provider.url);
    vi.stubEnv('AWS_REGION', 'eu-west-2');
    vi.stubEnv('AWS_ACCESS_KEY_ID', accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', secretAccessKey);
    const client = createSnsClient();
    const message = makeSms();
    expect(await sendBySns({ client, sender: DEFAULT_SENDER }, message)).toEqual({
      ok: true,
      provider: 'sns',
      providerId: '567910cd-659e-55d4-8ccb-5aaf14679dc0',
    });
    client.destroy();
    expect(provider.requests).toHaveLength(1);
    const [request] = provider.requests;
    expect(request).toMatchObject({ method: 'POST', path: '/' });
    expect(request?.headers['content-type']).toBe('application/x-www-form-urlencoded');
    expect(request?.headers['user-agent']).toMatch(/^aws-sdk-js\//);
    expect(request?.headers.authorization).toMatch(
      new RegExp(
        `^AWS4-HMAC-SHA256 Credential=${accessKeyId}/\\d{8}/eu-west-2/sns/aws4_request, ` +
          'SignedHeaders=[a-z0-9;-]*host[a-z0-9;-]*, Signature=[0-9a-f]{64}$',
      ),
    );
    expect(Object.fromEntries(new URLSearchParams(request?.body))).toEqual({
      Action: 'Publish',
      Version: '2010-03-31',
      PhoneNumber: message.to,
      Message: message.text,
      'MessageAttributes.entry.1.Name': 'AWS.SNS.SMS.SMSType',
      'MessageAttributes.entry.1.Value.DataType': 'String',
      'MessageAttributes.entry.1.Value.StringValue': 'Transactional',
    });
    expect(JSON.stringify(request)).not.toContain(secretAccessKey);
  });

  it.each([
    [
      'a sender ID and an origination number',
      '+447894123456',
      { senderId: 'Acme-Tix', originationNumber: '+12025550143', dlt: null },
      { 'AWS.SNS.SMS.SenderID': 'Acme-Tix', 'AWS.MM.SMS.OriginationNumber': '+12025550143' },
    ],
    [
      'the DLT ids, to India',
      '+919812345678',
      { senderId: 'ACMETX', originationNumber: null, dlt: { entityId: '1101', templateId: '1107' } },
      {
        'AWS.SNS.SMS.SenderID': 'ACMETX',
        'AWS.MM.SMS.EntityId': '1101',
        'AWS.MM.SMS.TemplateId': '1107',
      },
    ],
    [
      'no DLT ids, to another country',
      '+447894123456',
      { senderId: 'ACMETX', originationNumber: null, dlt: { entityId: '1101', templateId: '1107' } },
      { 'AWS.SNS.SMS.SenderID': 'ACMETX' },
    ],
  ])('has %s', async (_, to, sender, attributes) => {
    await using provider = await startProvider(ACCEPTED);
    const credentials = { accessKeyId, secretAccessKey };
    const client = createSnsClient({ endpoint: provider.url, region: 'eu-west-2', credentials });
    expect(await sendBySns({ client, sender }, { ...makeSms(), to })).toMatchObject({ ok: true });
    client.destroy();
    expect(readAttributes(provider.requests[0]?.body)).toEqual({
      'AWS.SNS.SMS.SMSType': 'Transactional',
      ...attributes,
    });
  });

  it('is not sent without credentials', async () => {
    const client = createSnsClient({ region: 'eu-west-2', endpoint: 'http://127.0.0.1:1' });
    expect(await sendBySns({ client, sender: DEFAULT_SENDER }, makeSms())).toEqual({
      ok: false,
      retry: true,
      reason: 'No AWS credentials were found for Amazon SNS.',
    });
  });

  it('is not sent without a region', async () => {
    const client = createSnsClient({ credentials: { accessKeyId, secretAccessKey } });
    expect(await sendBySns({ client, sender: DEFAULT_SENDER }, makeSms())).toEqual({
      ok: false,
      retry: true,
      reason: 'No AWS region is set. Check AWS_REGION.',
    });
  });

  it('includes the lookup of credentials in the timeout', async () => {
    const hangingLookup = () => new Promise<never>(() => {});
    const client = createSnsClient({ region: 'eu-west-2', credentials: hangingLookup });
    expect(await sendBySns({ client, sender: DEFAULT_SENDER }, makeSms(), 200)).toEqual({
      ok: false,
      retry: true,
      reason: 'Amazon SNS didn’t respond within 0.2 seconds.',
    });
  });
});

describe('response of SNS', () => {
  it.each([
    ['429', createErrorResponse(429, 'Throttled'), /limiting how fast/],
    ['429 with another error code', createErrorResponse(429, 'SlowDown'), /limiting how fast/],
    ['400 for too many requests', createErrorResponse(400, 'ThrottlingException'), /limiting how fast/],
    [
      '403 for a missing permission',
      createErrorResponse(403, 'AuthorizationError', `User ${accessKeyId}`),
      /credentials/,
    ],
    ['403 for an unknown access key', createErrorResponse(403, 'InvalidClientTokenId'), /credentials/],
    ['403 for a wrong secret', createErrorResponse(403, 'SignatureDoesNotMatch'), /credentials/],
    [
      '400 for a country without a sender',
      createErrorResponse(400, 'UserError', 'No origination entities'),
      /no sender/,
    ],
    ['400 with an unknown error code', createErrorResponse(400, 'RequestExpired'), /error \(400\)/],
    ['500', createErrorResponse(500, 'InternalFailure', 'to +447894123456'), /error \(500\)/],
    ['503', createErrorResponse(503, 'ServiceUnavailable'), /error \(503\)/],
    ['500 with an empty body', { status: 500, body: '' } as Behaviour, /error \(500\)/],
  ])('%s is a temporary failure', async (_, behaviour, reason) => {
    expect(await sendTo(behaviour)).toEqual({
      ok: false,
      retry: true,
      reason: expect.stringMatching(reason),
    });
  });

  it.each([
    ['502 from a proxy', { status: 502, body: '<h1>Bad gateway</h1>' } as Behaviour, /error \(502\)/],
    ['504 from a proxy', { status: 504, body: '' } as Behaviour, /error \(504\)/],
    [
      '200 with HTML',
      { status: 200, body: '<h1>Welcome to the hotel</h1>' } as Behaviour,
      /SNS sent an invalid response/,
    ],
    ['200 with JSON', { status: 200, body: '{"id":1' } as Behaviour, /SNS sent an invalid response/],
    ['200 with an empty body', { status: 200, body: '' } as Behaviour, /SNS sent an invalid response/],
    ['a cut connection', 'cut' as const, /couldn’t be reached/],
    [
      'a connection that is cut during the response',
      'cut in the middle' as const,
      /couldn’t be reached|invalid response/,
    ],
  ])('%s is a temporary, unanswered failure', async (_, behaviour, reason) => {
    expect(await sendTo(behaviour)).toEqual({
      ok: false,
      retry: true,
      reason: expect.stringMatching(reason),
      isUnanswered: true,
    });
  });

  it.each([
    ['a refused connection', 'http://127.0.0.1:1'],
    ['a host without an address', 'http://sns.invalid'],
  ])('%s is a temporary failure, because SNS cannot have accepted the SMS', async (_, endpoint) => {
    const credentials = { accessKeyId, secretAccessKey };
    const client = createSnsClient({ endpoint, region: 'eu-west-2', credentials });
    expect(await sendBySns({ client, sender: DEFAULT_SENDER }, makeSms())).toEqual({
      ok: false,
      retry: true,
      reason: 'Amazon SNS couldn’t be reached, or sent an invalid response.',
    });
    client.destroy();
  });

  it.each([
    [
      'for an invalid phone number',
      createErrorResponse(400, 'InvalidParameter', 'PhoneNumber +447894123456 is not valid'),
      /phone number/,
    ],
    ['for an invalid value', createErrorResponse(400, 'ParameterValueInvalid', 'x'), /phone number/],
    ['for a failed validation', createErrorResponse(400, 'ValidationException'), /phone number/],
    ['for a phone that has opted out', createErrorResponse(400, 'OptedOut'), /opted out/],
    [
      'for a phone that has opted out, according to the message',
      createErrorResponse(400, 'InvalidParameter', 'Phone number is opted out'),
      /opted out/,
    ],
  ])('400 %s is a permanent failure', async (_, behaviour, reason) => {
    expect(await sendTo(behaviour)).toEqual({
      ok: false,
      retry: false,
      reason: expect.stringMatching(reason),
    });
  });

  it('429 returns the seconds of Retry-After', async () => {
    const result = await sendTo(createErrorResponse(429, 'Throttled', 'slow', { 'Retry-After': '7' }));
    expect(result).toMatchObject({ ok: false, retry: true, retryAfterSeconds: 7 });
  });

  it.each([
    ['a missing response', 'hang'],
    ['a partial response', 'stall'],
  ] as const)('%s ends at the timeout', async (_, behaviour) => {
    await using provider = await startProvider(behaviour);
    const credentials = { accessKeyId, secretAccessKey };
    const client = createSnsClient({ endpoint: provider.url, region: 'eu-west-2', credentials });
    const deadlines = controlDeadlines();
    const sending = sendBySns({ client, sender: DEFAULT_SENDER }, makeSms(), 60_000);
    await provider.clientWaiting.then(deadlines.expire);
    const result = await sending;
    expect(deadlines.getDurations()).toEqual([60_000]);
    const reason = 'Amazon SNS didn’t respond within 60 seconds.';
    expect(result).toEqual({ ok: false, retry: true, reason, isUnanswered: true });
    await expect.poll(provider.countConnections).toBe(0);
  });
});
