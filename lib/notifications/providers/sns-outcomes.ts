import {
  CloudWatchLogsClient,
  type CloudWatchLogsClientConfig,
  FilterLogEventsCommand,
  type FilterLogEventsCommandOutput,
} from '@aws-sdk/client-cloudwatch-logs';
import { z } from 'zod';
import { type AcceptedSms, type DeliveryOutcome, OutcomeQueryError, type SmsOutcome } from './outcome.ts';
import { BLOCKED_AS_SPAM, OPTED_OUT_OF_SNS, PHONE_UNREACHABLE } from './reasons.ts';
import { RESPONSE_TIMEOUT_MS } from './send-result.ts';

/**
 * Fields of a delivery log entry (https://docs.aws.amazon.com/sns/latest/dg/sms_stats_cloudwatch.html), without the
 * phone number.
 */
const logSchema = z.object({
  notification: z.object({ messageId: z.string() }),
  delivery: z.object({ providerResponse: z.string().catch('') }).catch({ providerResponse: '' }),
  status: z.enum(['SUCCESS', 'FAILURE']),
});

/** Maximum number of pages per log group. CloudWatch may return empty pages while it searches. */
const MAX_PAGES = 10;
/** Allows for a difference between our clock and CloudWatch's. */
const CLOCK_SKEW_MS = 5 * 60_000;

const ACCEPTED_BY_NETWORK = 'Accepted by the mobile network; delivery not confirmed.';
/** SNS's failure responses from the page above, in lower case and without the full stop. */
const FAILURE_REASONS = new Map([
  ['blocked as spam by phone carrier', BLOCKED_AS_SPAM],
  [
    'destination is on a blocked list',
    'Amazon SNS doesn’t send texts to this phone number, because it’s on a block list.',
  ],
  ['invalid phone number', 'The phone number doesn’t exist.'],
  ['message body is invalid', 'Amazon SNS rejected the message.'],
  ['phone carrier has blocked this message', 'The mobile network blocked the text.'],
  ['phone carrier is currently unreachable/unavailable', 'The mobile network couldn’t be reached.'],
  ['phone has blocked sms', 'The phone can’t receive texts.'],
  ['phone is on a blocked list', 'The phone is on a block list, so texts aren’t sent to it.'],
  ['phone is currently unreachable/unavailable', PHONE_UNREACHABLE],
  ['phone number is opted out', OPTED_OUT_OF_SNS],
  ['this delivery would exceed max price', 'The text costs more than your AWS account allows for one text.'],
  ['no quota left for account', 'Your AWS monthly text budget is used up.'],
  ['rate exceeded', 'Too many texts were sent at the same time.'],
  [
    'unknown error attempting to reach phone',
    'The phone couldn’t be reached, and the mobile network didn’t say why.',
  ],
]);

/**
 * Creates a client for `fetchSnsOutcomes`. Reuse it for the life of the process.
 * The SDK finds the region, the credentials and AWS_ENDPOINT_URL_CLOUDWATCH_LOGS by itself.
 */
export function createLogsClient(configuration: CloudWatchLogsClientConfig = {}): CloudWatchLogsClient {
  return new CloudWatchLogsClient({ ...configuration, maxAttempts: 1 });
}

/** Parses an event of the log group. Returns null if it is not about the delivery of an SMS. */
function parseLogEvent(event: {
  message?: string | undefined;
  timestamp?: number | undefined;
}): SmsOutcome | null {
  let content: unknown;
  try {
    content = JSON.parse(event.message ?? '');
  } catch {
    return null;
  }
  const entry = logSchema.safeParse(content).data;
  if (!entry || event.timestamp === undefined) return null;
  const response = entry.delivery.providerResponse.toLowerCase().replace(/\.?\s*$/, '');
  const at = new Date(event.timestamp);
  const outcome: DeliveryOutcome =
    entry.status === 'SUCCESS'
      ? { kind: 'delivered', at, reason: response.includes('accepted') ? ACCEPTED_BY_NETWORK : null }
      : { kind: 'failed', at, reason: FAILURE_REASONS.get(response) ?? 'The provider gave no reason.' };
  return { providerId: entry.notification.messageId, outcome };
}

/** Sends a query. The race enforces the timeout, because the SDK ignores the signal while it looks for credentials. */
async function sendQuery(
  client: CloudWatchLogsClient,
  command: FilterLogEventsCommand,
  stopSignal: AbortSignal,
  timeoutMs: number,
): Promise<FilterLogEventsCommandOutput> {
  const signal = AbortSignal.any([stopSignal, AbortSignal.timeout(timeoutMs)]);
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  return Promise.race([client.send(command, { abortSignal: signal }), aborted]);
}

async function* readLogGroup(
  client: CloudWatchLogsClient,
  logGroupName: string,
  messages: AcceptedSms[],
  stopSignal: AbortSignal,
  timeoutMs: number,
): AsyncGenerator<SmsOutcome> {
  const ids = new Set(messages.map(({ providerId }) => providerId));
  const startTime = Math.min(...messages.map(({ sentAt }) => sentAt.getTime())) - CLOCK_SKEW_MS;
  const filterPattern = [...ids].map((id) => `?"${id}"`).join(' ');
  let nextToken: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const command = new FilterLogEventsCommand({ logGroupName, startTime, filterPattern, nextToken });
    const response = await sendQuery(client, command, stopSignal, timeoutMs);
    for (const outcome of (response.events ?? []).map(parseLogEvent))
      if (outcome && ids.has(outcome.providerId)) yield outcome;
    if (!response.nextToken) return;
    nextToken = response.nextToken;
  }
}

const isMissingGroup = (error: unknown) =>
  error instanceof Error && error.name === 'ResourceNotFoundException';

/**
 * Fetches the outcomes of SMS from SNS's delivery logs in CloudWatch.
 *
 * @param logGroup log group of successful deliveries; failures are in `<logGroup>/Failure`. SNS creates a log group
 *   with its first entry, so one of the two may be missing
 * @param messages at most 24: a filter pattern has at most 1,024 characters
 * @param timeoutMs limit for each of at most 20 requests
 * @throws the SDK's error if CloudWatch cannot be queried, `OutcomeQueryError` if neither log group exists
 */
export async function* fetchSnsOutcomes(
  client: CloudWatchLogsClient,
  logGroup: string,
  messages: AcceptedSms[],
  stopSignal: AbortSignal,
  timeoutMs = RESPONSE_TIMEOUT_MS,
): AsyncGenerator<SmsOutcome> {
  // SNS's ids are UUIDs. Anything else could be filter syntax.
  const queryableMessages = messages.filter(({ providerId }) => /^[0-9a-f-]{36}$/i.test(providerId));
  if (queryableMessages.length === 0) return;
  let missingGroups = 0;
  for (const group of [logGroup, `${logGroup}/Failure`]) {
    try {
      yield* readLogGroup(client, group, queryableMessages, stopSignal, timeoutMs);
    } catch (error) {
      if (!isMissingGroup(error)) throw error;
      missingGroups += 1;
    }
  }
  if (missingGroups === 2)
    throw new OutcomeQueryError('CloudWatch has no such log group: check SNS_DELIVERY_LOG_GROUP');
}
