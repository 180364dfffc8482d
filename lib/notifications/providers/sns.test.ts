import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it, vi } from 'vitest';
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

const accepted: Behaviour = {
  status: 200,
  headers: { 'Content-Type': 'text/xml' },
  body:
    '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult>' +
    '<MessageId>567910cd-659e-55d4-8ccb-5aaf14679dc0</MessageId></PublishResult></PublishResponse>',
};

function errorResponse(status: number, code: string, message = 'as SNS says', headers = {}): Behaviour {
  const type = status < 500 ? 'Sender' : 'Receiver';
  const body =
    `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>${type}</Type>` +
    `<Code>${code}</Code><Message>${message}</Message></Error><RequestId>1</RequestId></ErrorResponse>`;
  return { status, headers: { 'Content-Type': 'text/xml', ...headers }, body };
}

/** Sends an SMS to a provider with this behaviour, and checks that the reason leaks nothing. */
async function sendTo(behaviour: Behaviour): Promise<SendResult> {
  await using provider = await startProvider(behaviour);
  const credentials = { accessKeyId, secretAccessKey };
  const client = createSnsClient({ endpoint: provider.url, region: 'eu-west-2', credentials });
  const result = await sendBySns(client, makeSms());
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
    await using provider = await startProvider(accepted);
    vi.stubEnv('AWS_ENDPOINT_URL_SNS', provider.url);
    vi.stubEnv('AWS_REGION', 'eu-west-2');
    vi.stubEnv('AWS_ACCESS_KEY_ID', accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', secretAccessKey);
    const client = createSnsClient();
    const message = makeSms();
    expect(await sendBySns(client, message)).toEqual({
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

  it('is not sent without credentials', async () => {
    const client = createSnsClient({ region: 'eu-west-2', endpoint: 'http://127.0.0.1:1' });
    expect(await sendBySns(client, makeSms())).toEqual({
      ok: false,
      retry: true,
      reason: 'No AWS credentials were found for Amazon SNS.',
    });
  });

  it('is not sent without a region', async () => {
    const client = createSnsClient({ credentials: { accessKeyId, secretAccessKey } });
    expect(await sendBySns(client, makeSms())).toEqual({
      ok: false,
      retry: true,
      reason: 'No AWS region is set. Check AWS_REGION.',
    });
  });

  it('includes the lookup of credentials in the timeout', async () => {
    const never = () => new Promise<never>(() => {});
    const client = createSnsClient({ region: 'eu-west-2', credentials: never });
    expect(await sendBySns(client, makeSms(), 200)).toEqual({
      ok: false,
      retry: true,
      reason: 'Amazon SNS didn’t respond within 0.2 seconds.',
    });
  });
});

describe('response of SNS', () => {
  it.each([
    ['429', errorResponse(429, 'Throttled'), /limiting how fast/],
    ['429 of another name', errorResponse(429, 'SlowDown'), /limiting how fast/],
    ['400 throttled', errorResponse(400, 'ThrottlingException'), /limiting how fast/],
    ['403 not allowed', errorResponse(403, 'AuthorizationError', `User ${accessKeyId}`), /credentials/],
    ['403 unknown key', errorResponse(403, 'InvalidClientTokenId'), /credentials/],
    ['403 wrong secret', errorResponse(403, 'SignatureDoesNotMatch'), /credentials/],
    ['400 no sender', errorResponse(400, 'UserError', 'No origination entities'), /no sender/],
    ['400 unknown', errorResponse(400, 'RequestExpired'), /error \(400\)/],
    ['500', errorResponse(500, 'InternalFailure', 'to +447894123456'), /error \(500\)/],
    ['503', errorResponse(503, 'ServiceUnavailable'), /error \(503\)/],
    ['500 empty', { status: 500, body: '' } as Behaviour, /error \(500\)/],
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
      /invalid response/,
    ],
    ['200 with no XML', { status: 200, body: '{"id":1' } as Behaviour, /invalid response/],
    ['200 empty', { status: 200, body: '' } as Behaviour, /invalid response/],
    ['a cut connection', 'cut' as const, /couldn’t be reached/],
    ['a connection cut in the middle', 'cut in the middle' as const, /couldn’t be reached|invalid response/],
  ])('%s is a temporary, unanswered failure', async (_, behaviour, reason) => {
    expect(await sendTo(behaviour)).toEqual({
      ok: false,
      retry: true,
      reason: expect.stringMatching(reason),
      unanswered: true,
    });
  });

  it.each([
    ['a refused connection', 'http://127.0.0.1:1'],
    ['a host without an address', 'http://sns.invalid'],
  ])('%s is a temporary failure that SNS cannot have accepted', async (_, endpoint) => {
    const credentials = { accessKeyId, secretAccessKey };
    const client = createSnsClient({ endpoint, region: 'eu-west-2', credentials });
    expect(await sendBySns(client, makeSms())).toEqual({
      ok: false,
      retry: true,
      reason: 'Amazon SNS couldn’t be reached, or sent an invalid response.',
    });
    client.destroy();
  });

  it.each([
    [
      'number',
      errorResponse(400, 'InvalidParameter', 'PhoneNumber +447894123456 is not valid'),
      /phone number/,
    ],
    ['value', errorResponse(400, 'ParameterValueInvalid', 'x'), /phone number/],
    ['validation', errorResponse(400, 'ValidationException'), /phone number/],
    ['opted out', errorResponse(400, 'OptedOut'), /opted out/],
    [
      'opted out in the message',
      errorResponse(400, 'InvalidParameter', 'Phone number is opted out'),
      /opted out/,
    ],
  ])('400 %s is a permanent failure', async (_, behaviour, reason) => {
    expect(await sendTo(behaviour)).toEqual({
      ok: false,
      retry: false,
      reason: expect.stringMatching(reason),
    });
  });

  it('429 passes Retry-After on', async () => {
    const result = await sendTo(errorResponse(429, 'Throttled', 'slow', { 'Retry-After': '7' }));
    expect(result).toMatchObject({ ok: false, retry: true, retryAfterSeconds: 7 });
  });

  it.each(['hang', 'stall'] as const)('%s ends at the timeout', async (behaviour) => {
    await using provider = await startProvider(behaviour);
    const credentials = { accessKeyId, secretAccessKey };
    const client = createSnsClient({ endpoint: provider.url, region: 'eu-west-2', credentials });
    const deadlines = controlDeadlines();
    const sending = sendBySns(client, makeSms(), 60_000);
    await provider.waiting.then(deadlines.expire);
    const result = await sending;
    expect(deadlines.durations()).toEqual([60_000]);
    const reason = 'Amazon SNS didn’t respond within 60 seconds.';
    expect(result).toEqual({ ok: false, retry: true, reason, unanswered: true });
    await expect.poll(provider.openConnections).toBe(0);
  });
});
