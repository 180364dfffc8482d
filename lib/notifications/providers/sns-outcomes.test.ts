import { randomUUID } from 'node:crypto';
import { describe, expect, test, vi } from 'vitest';
import { controlDeadlines } from '#lib/testing/deadline.ts';
import type { TextOutcome } from './outcome.ts';
import { createLogsClient, snsOutcomes } from './sns-outcomes.ts';
import { type Behaviour, type SeenRequest, startProvider } from './test-provider.ts';

const GROUP = 'sns/eu-west-2/123456789012/DirectPublishToPhoneNumber';
const credentials = { accessKeyId: 'AKIATESTTESTTEST', secretAccessKey: 'secret-of-the-test' };
const going = new AbortController().signal;
const sentAt = new Date('2026-11-25T12:00:00Z');
const loggedAt = Date.parse('2026-11-25T12:00:07.123Z');

const page = (...events: object[]): Behaviour => ({
  status: 200,
  headers: { 'Content-Type': 'application/x-amz-json-1.1' },
  body: JSON.stringify({ events }),
});
const failure = (status: number, type: string): Behaviour => ({
  status,
  headers: { 'Content-Type': 'application/x-amz-json-1.1' },
  body: JSON.stringify({ __type: type, message: 'of +447894123456' }),
});

/** An entry of the log, as AWS documents it. */
function logged(messageId: string, status: 'SUCCESS' | 'FAILURE', providerResponse: string) {
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

const groupOf = ({ body }: SeenRequest): string => JSON.parse(body).logGroupName;
const only =
  (group: string, behaviour: Behaviour) =>
  (request: SeenRequest): Behaviour =>
    groupOf(request) === group ? behaviour : page();

async function askAt(url: string, ids: string[], deadline?: number): Promise<TextOutcome[]> {
  const client = createLogsClient({ endpoint: url, region: 'eu-west-2', credentials });
  const texts = ids.map((providerId) => ({ providerId, sentAt }));
  const outcomes: TextOutcome[] = [];
  try {
    for await (const outcome of snsOutcomes(client, GROUP, texts, going, deadline)) outcomes.push(outcome);
    return outcomes;
  } finally {
    client.destroy();
  }
}

describe('the question', () => {
  test('names both log groups, the texts, and since when', async () => {
    await using provider = await startProvider(page());
    const ids = Array.from({ length: 24 }, () => randomUUID());
    expect(await askAt(provider.url, ids)).toEqual([]);
    expect(provider.requests.map(groupOf)).toEqual([GROUP, `${GROUP}/Failure`]);
    for (const { headers, body } of provider.requests) {
      expect(headers['x-amz-target']).toBe('Logs_20140328.FilterLogEvents');
      const { filterPattern, startTime } = JSON.parse(body);
      expect(filterPattern).toBe(ids.map((id) => `?"${id}"`).join(' '));
      expect(filterPattern.length).toBeLessThanOrEqual(1_024);
      expect(startTime).toBeLessThan(sentAt.getTime());
    }
  });

  test('holds nothing but ids', async () => {
    await using provider = await startProvider(page());
    expect(await askAt(provider.url, ['x" -?"', 'none'])).toEqual([]);
    expect(provider.requests).toEqual([]);
  });

  test('goes to AWS_ENDPOINT_URL_CLOUDWATCH_LOGS', async () => {
    await using provider = await startProvider(page());
    vi.stubEnv('AWS_ENDPOINT_URL_CLOUDWATCH_LOGS', provider.url);
    const client = createLogsClient({ region: 'eu-west-2', credentials });
    await snsOutcomes(client, GROUP, [{ providerId: randomUUID(), sentAt }], going).next();
    expect(provider.requests).toHaveLength(2);
  });

  test('follows the pages of a log, but not for ever', async () => {
    const [first, last] = [randomUUID(), randomUUID()];
    const pages: Record<string, object> = {
      none: { events: [], nextToken: 'a' },
      a: { events: [logged(first, 'SUCCESS', 'Message has been accepted by phone carrier')], nextToken: 'b' },
      b: { events: [logged(last, 'SUCCESS', 'Message has been accepted by phone carrier.')] },
    };
    await using provider = await startProvider((request) => {
      if (groupOf(request) !== GROUP) return page();
      const body = JSON.stringify(pages[JSON.parse(request.body).nextToken ?? 'none']);
      return { status: 200, body };
    });
    const outcomes = await askAt(provider.url, [first, last]);
    expect(outcomes.map(({ providerId }) => providerId)).toEqual([first, last]);
    await using endless = await startProvider({ status: 200, body: '{"events":[],"nextToken":"more"}' });
    expect(await askAt(endless.url, [first])).toEqual([]);
    expect(endless.requests).toHaveLength(20);
  });
});

describe('the answer', () => {
  test('tells what was accepted by a carrier, and when, and is not said to be more', async () => {
    const id = randomUUID();
    const events = [
      logged(id, 'SUCCESS', 'Message has been accepted by phone carrier'),
      logged(randomUUID(), 'SUCCESS', 'of somebody else'),
      { timestamp: loggedAt, message: 'no JSON' },
      { timestamp: loggedAt, message: '{"status":"SUCCESS"}' },
      { message: '' },
    ];
    await using provider = await startProvider(only(GROUP, page(...events)));
    expect(await askAt(provider.url, [id])).toEqual([
      {
        providerId: id,
        outcome: {
          kind: 'delivered',
          at: new Date(loggedAt),
          reason: expect.stringMatching(/carrier accepted the text\. It does not tell/),
        },
      },
    ]);
  });

  test.each([
    ['Phone is currently unreachable/unavailable', /switched off/],
    ['Phone number is opted out.', /opted out/],
    ['Blocked as spam by phone carrier', /spam/],
    ['Invalid phone number', /no such phone number/],
    ['This delivery would exceed max price', /cost more/],
    ['No quota left for account', /month's limit/],
    ['Unknown error attempting to reach phone', /did not say why/],
    ['Something new about +447894123456', /^The text could not be delivered\.$/],
  ])('%s: failed, in our own words', async (response, reason) => {
    const id = randomUUID();
    await using provider = await startProvider(
      only(`${GROUP}/Failure`, page(logged(id, 'FAILURE', response))),
    );
    const [found] = await askAt(provider.url, [id]);
    expect(found).toMatchObject({ providerId: id, outcome: { kind: 'failed' } });
    expect(found?.outcome.reason).toMatch(reason);
    expect(found?.outcome.reason).not.toMatch(/447894/);
  });

  test('may be that one of the log groups is not there yet', async () => {
    const id = randomUUID();
    const missing = failure(400, 'ResourceNotFoundException');
    const other = page(logged(id, 'FAILURE', 'Phone has blocked SMS'));
    await using provider = await startProvider((request) => (groupOf(request) === GROUP ? missing : other));
    expect(await askAt(provider.url, [id])).toHaveLength(1);
    await using neither = await startProvider(missing);
    await expect(askAt(neither.url, [id])).rejects.toThrow(/SNS_DELIVERY_LOG_GROUP/);
  });

  test.each([
    ['refused', failure(400, 'AccessDeniedException')],
    ['throttled', failure(400, 'ThrottlingException')],
    ['an error', failure(500, 'ServiceUnavailableException')],
    ['nonsense', { status: 200, body: '<h1>Welcome to the hotel</h1>' } as Behaviour],
    ['a cut connection', 'cut' as const],
    ['none', 'hang' as const],
    ['half of one', 'stall' as const],
  ])('%s is thrown, after one attempt', async (_, behaviour) => {
    await using provider = await startProvider(behaviour);
    const deadlines = controlDeadlines();
    void provider.waiting.then(deadlines.expire);
    await expect(askAt(provider.url, [randomUUID()], 60_000)).rejects.toThrow();
    expect(deadlines.durations()).toEqual([60_000]);
    expect(provider.requests).toHaveLength(1);
    await expect.poll(provider.openConnections).toBe(0);
  });
});
