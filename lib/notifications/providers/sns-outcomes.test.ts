import { randomUUID } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { controlDeadlines } from '#lib/testing/deadline.ts';
import type { SmsOutcome } from './outcome.ts';
import { createLogsClient, fetchSnsOutcomes } from './sns-outcomes.ts';
import { type Behaviour, type ReceivedRequest, startProvider } from './test-provider.ts';

const GROUP = 'sns/eu-west-2/123456789012/DirectPublishToPhoneNumber';
const credentials = { accessKeyId: 'AKIATESTTESTTEST', secretAccessKey: 'secret-of-the-test' };
const stopSignal = new AbortController().signal;
const sentAt = new Date('2026-11-25T12:00:00Z');
const loggedAt = Date.parse('2026-11-25T12:00:07.123Z');

const createPageResponse = (...events: object[]): Behaviour => ({
  status: 200,
  headers: { 'Content-Type': 'application/x-amz-json-1.1' },
  body: JSON.stringify({ events }),
});
const createErrorResponse = (status: number, type: string): Behaviour => ({
  status,
  headers: { 'Content-Type': 'application/x-amz-json-1.1' },
  body: JSON.stringify({ __type: type, message: 'of +447894123456' }),
});

/** Creates a log event as AWS documents it. */
function makeLogEvent(messageId: string, status: 'SUCCESS' | 'FAILURE', providerResponse: string) {
  const message = {
    notification: { messageId, timestamp: '2026-11-25 12:00:00.558' },
    delivery: {
      phoneCarrier: 'My Phone Carrier',
      mnc: 270,
      destination: '+447894123456',
      priceInUSD: 0.00645,
      smsType: 'Transactional',
      mcc: 310,
      providerResponse,
      dwellTimeMs: 599,
    },
    status,
  };
  return { eventId: '1', logStreamName: 's', timestamp: loggedAt, message: JSON.stringify(message) };
}

const readLogGroupName = ({ body }: ReceivedRequest): string => JSON.parse(body).logGroupName;
/** Returns a behaviour for one log group, and an empty page for the other one. */
const respondForGroup =
  (group: string, behaviour: Behaviour) =>
  (request: ReceivedRequest): Behaviour =>
    readLogGroupName(request) === group ? behaviour : createPageResponse();

async function fetchOutcomes(url: string, ids: string[], timeoutMs?: number): Promise<SmsOutcome[]> {
  const client = createLogsClient({ endpoint: url, region: 'eu-west-2', credentials });
  const messages = ids.map((providerId) => ({ providerId, sentAt }));
  const outcomes: SmsOutcome[] = [];
  try {
    for await (const outcome of fetchSnsOutcomes(client, GROUP, messages, stopSignal, timeoutMs))
      outcomes.push(outcome);
    return outcomes;
  } finally {
    client.destroy();
  }
}

describe('request to CloudWatch', () => {
  it('filters both log groups by the ids and by a start time before the SMS were sent', async () => {
    await using provider = await startProvider(createPageResponse());
    const ids = Array.from({ length: 24 }, () => randomUUID());
    expect(await fetchOutcomes(provider.url, ids)).toEqual([]);
    expect(provider.requests.map(readLogGroupName)).toEqual([GROUP, `${GROUP}/Failure`]);
    for (const { headers, body } of provider.requests) {
      expect(headers['x-amz-target']).toBe('Logs_20140328.FilterLogEvents');
      const { filterPattern, startTime } = JSON.parse(body);
      expect(filterPattern).toBe(ids.map((id) => `?"${id}"`).join(' '));
      expect(filterPattern.length).toBeLessThanOrEqual(1_024);
      expect(startTime).toBeLessThan(sentAt.getTime());
    }
  });

  it('is not sent for ids that are not UUIDs', async () => {
    await using provider = await startProvider(createPageResponse());
    expect(await fetchOutcomes(provider.url, ['x" -?"', 'none'])).toEqual([]);
    expect(provider.requests).toEqual([]);
  });

  it('goes to AWS_ENDPOINT_URL_CLOUDWATCH_LOGS', async () => {
    await using provider = await startProvider(createPageResponse());
    vi.stubEnv('AWS_ENDPOINT_URL_CLOUDWATCH_LOGS', provider.url);
    const client = createLogsClient({ region: 'eu-west-2', credentials });
    await fetchSnsOutcomes(client, GROUP, [{ providerId: randomUUID(), sentAt }], stopSignal).next();
    expect(provider.requests).toHaveLength(2);
  });

  it('follows at most ten pages of each log group', async () => {
    const [firstId, lastId] = [randomUUID(), randomUUID()];
    const pages: Record<string, object> = {
      none: { events: [], nextToken: 'a' },
      a: {
        events: [makeLogEvent(firstId, 'SUCCESS', 'Message has been accepted by phone carrier')],
        nextToken: 'b',
      },
      b: { events: [makeLogEvent(lastId, 'SUCCESS', 'Message has been accepted by phone carrier.')] },
    };
    await using provider = await startProvider((request) => {
      if (readLogGroupName(request) !== GROUP) return createPageResponse();
      const body = JSON.stringify(pages[JSON.parse(request.body).nextToken ?? 'none']);
      return { status: 200, body };
    });
    const outcomes = await fetchOutcomes(provider.url, [firstId, lastId]);
    expect(outcomes.map(({ providerId }) => providerId)).toEqual([firstId, lastId]);
    await using endlessProvider = await startProvider({
      status: 200,
      body: '{"events":[],"nextToken":"more"}',
    });
    expect(await fetchOutcomes(endlessProvider.url, [firstId])).toEqual([]);
    expect(endlessProvider.requests).toHaveLength(20);
  });
});

describe('response of CloudWatch', () => {
  it('counts an SMS as delivered if the carrier accepted it, with the reason that delivery is not confirmed', async () => {
    const id = randomUUID();
    const events = [
      makeLogEvent(id, 'SUCCESS', 'Message has been accepted by phone carrier'),
      makeLogEvent(randomUUID(), 'SUCCESS', 'Message of another sender'),
      { timestamp: loggedAt, message: 'not JSON' },
      { timestamp: loggedAt, message: '{"status":"SUCCESS"}' },
      { message: '' },
    ];
    await using provider = await startProvider(respondForGroup(GROUP, createPageResponse(...events)));
    expect(await fetchOutcomes(provider.url, [id])).toEqual([
      {
        providerId: id,
        outcome: {
          kind: 'delivered',
          at: new Date(loggedAt),
          reason: 'Accepted by the mobile network; delivery not confirmed.',
        },
      },
    ]);
  });

  it.each([
    ['Phone is currently unreachable/unavailable', /may be off/],
    ['Phone number is opted out.', /opted out/],
    ['Blocked as spam by phone carrier', /spam/],
    ['Invalid phone number', /doesn’t exist/],
    ['This delivery would exceed max price', /costs more/],
    ['No quota left for account', /monthly text budget/],
    ['Unknown error attempting to reach phone', /didn’t say why/],
    ['Something new about +447894123456', /^The provider gave no reason\.$/],
  ])('maps %s to a failure with our own reason', async (response, reason) => {
    const id = randomUUID();
    await using provider = await startProvider(
      respondForGroup(`${GROUP}/Failure`, createPageResponse(makeLogEvent(id, 'FAILURE', response))),
    );
    const [result] = await fetchOutcomes(provider.url, [id]);
    expect(result).toMatchObject({ providerId: id, outcome: { kind: 'failed' } });
    expect(result?.outcome.reason).toMatch(reason);
    expect(result?.outcome.reason).not.toMatch(/447894/);
  });

  it('is used if one log group is missing, and an error if both are', async () => {
    const id = randomUUID();
    const missingGroup = createErrorResponse(400, 'ResourceNotFoundException');
    const otherGroup = createPageResponse(makeLogEvent(id, 'FAILURE', 'Phone has blocked SMS'));
    await using provider = await startProvider((request) =>
      readLogGroupName(request) === GROUP ? missingGroup : otherGroup,
    );
    expect(await fetchOutcomes(provider.url, [id])).toHaveLength(1);
    await using providerWithoutGroups = await startProvider(missingGroup);
    await expect(fetchOutcomes(providerWithoutGroups.url, [id])).rejects.toThrow(/SNS_DELIVERY_LOG_GROUP/);
  });

  it.each([
    ['denied access', createErrorResponse(400, 'AccessDeniedException')],
    ['too many requests', createErrorResponse(400, 'ThrottlingException')],
    ['an error', createErrorResponse(500, 'ServiceUnavailableException')],
    ['an invalid body', { status: 200, body: '<h1>Welcome to the hotel</h1>' } as Behaviour],
    ['a cut connection', 'cut' as const],
    ['no response', 'hang' as const],
    ['a partial response', 'stall' as const],
  ])('throws on %s after one attempt', async (_, behaviour) => {
    await using provider = await startProvider(behaviour);
    const deadlines = controlDeadlines();
    void provider.clientWaiting.then(deadlines.expire);
    await expect(fetchOutcomes(provider.url, [randomUUID()], 60_000)).rejects.toThrow();
    expect(deadlines.getDurations()).toEqual([60_000]);
    expect(provider.requests).toHaveLength(1);
    await expect.poll(provider.countConnections).toBe(0);
  });
});
