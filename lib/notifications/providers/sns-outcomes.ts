import {
  CloudWatchLogsClient,
  type CloudWatchLogsClientConfig,
  FilterLogEventsCommand,
  type FilterLogEventsCommandOutput,
} from '@aws-sdk/client-cloudwatch-logs';
import { z } from 'zod';
import { type AskedText, CannotAsk, type Outcome, type TextOutcome } from './outcome.ts';
import { RESPONSE_TIMEOUT_MS } from './sent.ts';

/** The log of one text's delivery: https://docs.aws.amazon.com/sns/latest/dg/sms_stats_cloudwatch.html. The number is not read. */
const logSchema = z.object({
  notification: z.object({ messageId: z.string() }),
  delivery: z.object({ providerResponse: z.string().catch('') }).catch({ providerResponse: '' }),
  status: z.enum(['SUCCESS', 'FAILURE']),
});

/** How many pages of a log are read at once: CloudWatch may answer with empty ones while it searches. */
const MOST_PAGES = 10;
/** A text is logged after it was sent, but by another clock. */
const CLOCKS_APART_MS = 5 * 60_000;

const ACCEPTED = "The phone's carrier accepted the text. It does not tell whether the phone got it.";
const UNREACHABLE = 'The phone could not be reached: it may be switched off, or out of reach.';
/** SNS's words for a failed delivery, from that page, without their full stops and in small letters. */
const FAILURES = new Map([
  ['blocked as spam by phone carrier', "The phone's carrier took the text for spam."],
  ['destination is on a blocked list', 'The phone number is on a list that Amazon SNS sends no texts to.'],
  ['invalid phone number', 'There is no such phone number.'],
  ['message body is invalid', 'Amazon SNS could not send these words.'],
  ['phone carrier has blocked this message', "The phone's carrier blocked the text."],
  ['phone carrier is currently unreachable/unavailable', "The phone's carrier could not be reached."],
  ['phone has blocked sms', 'The phone takes no texts.'],
  ['phone is on a blocked list', 'The phone is on a list that texts are not sent to.'],
  ['phone is currently unreachable/unavailable', UNREACHABLE],
  ['phone number is opted out', 'The owner of the phone has opted out of texts from this AWS account.'],
  ['this delivery would exceed max price', 'The text would cost more than the AWS account allows for one.'],
  ['no quota left for account', "The AWS account has spent its month's limit for texts."],
  ['rate exceeded', 'Too many texts were sent at once.'],
  [
    'unknown error attempting to reach phone',
    'The phone could not be reached, and its carrier did not say why.',
  ],
]);

/** A client for `snsOutcomes`, for the life of the process. Region, credentials and AWS_ENDPOINT_URL_CLOUDWATCH_LOGS by the SDK's own chain. */
export function createLogsClient(configuration: CloudWatchLogsClientConfig = {}): CloudWatchLogsClient {
  return new CloudWatchLogsClient({ ...configuration, maxAttempts: 1 });
}

function outcomeOf(event: {
  message?: string | undefined;
  timestamp?: number | undefined;
}): TextOutcome | null {
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
  const outcome: Outcome =
    entry.status === 'SUCCESS'
      ? { kind: 'delivered', at, reason: response.includes('accepted') ? ACCEPTED : null }
      : { kind: 'failed', at, reason: FAILURES.get(response) ?? 'The text could not be delivered.' };
  return { providerId: entry.notification.messageId, outcome };
}

/** Ends with the deadline also where the SDK, while it looks for credentials, does not heed it. */
async function ask(
  client: CloudWatchLogsClient,
  command: FilterLogEventsCommand,
  stopped: AbortSignal,
  deadline: number,
): Promise<FilterLogEventsCommandOutput> {
  const signal = AbortSignal.any([stopped, AbortSignal.timeout(deadline)]);
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  return Promise.race([client.send(command, { abortSignal: signal }), late]);
}

async function* readGroup(
  client: CloudWatchLogsClient,
  logGroupName: string,
  texts: AskedText[],
  stopped: AbortSignal,
  deadline: number,
): AsyncGenerator<TextOutcome> {
  const ids = new Set(texts.map(({ providerId }) => providerId));
  const startTime = Math.min(...texts.map(({ sentAt }) => sentAt.getTime())) - CLOCKS_APART_MS;
  const filterPattern = [...ids].map((id) => `?"${id}"`).join(' ');
  let nextToken: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const command = new FilterLogEventsCommand({ logGroupName, startTime, filterPattern, nextToken });
    const answer = await ask(client, command, stopped, deadline);
    for (const found of (answer.events ?? []).map(outcomeOf))
      if (found && ids.has(found.providerId)) yield found;
    if (!answer.nextToken) return;
    nextToken = answer.nextToken;
  }
}

const isMissing = (error: unknown) => error instanceof Error && error.name === 'ResourceNotFoundException';

/**
 * Looks up in SNS's delivery logs what became of texts.
 *
 * @param logGroup of the deliveries; that of the failures is beside it. SNS makes each when it first has something to
 *   write, so one alone may be missing
 * @param texts at most 24: a filter has 1,024 characters
 * @param deadline milliseconds for each of at most 20 requests
 * @throws the SDK's error where CloudWatch cannot be asked, or knows no such log group
 */
export async function* snsOutcomes(
  client: CloudWatchLogsClient,
  logGroup: string,
  texts: AskedText[],
  stopped: AbortSignal,
  deadline = RESPONSE_TIMEOUT_MS,
): AsyncGenerator<TextOutcome> {
  // SNS's ids are UUIDs: what is not one could mean something else in a filter.
  const asked = texts.filter(({ providerId }) => /^[0-9a-f-]{36}$/i.test(providerId));
  if (asked.length === 0) return;
  let missing = 0;
  for (const group of [logGroup, `${logGroup}/Failure`]) {
    try {
      yield* readGroup(client, group, asked, stopped, deadline);
    } catch (error) {
      if (!isMissing(error)) throw error;
      missing += 1;
    }
  }
  if (missing === 2) throw new CannotAsk('CloudWatch knows no such log group: check SNS_DELIVERY_LOG_GROUP');
}
