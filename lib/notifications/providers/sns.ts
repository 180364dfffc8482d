import { PublishCommand, SNSClient, type SNSClientConfig } from '@aws-sdk/client-sns';
import { z } from 'zod';
import { RESPONSE_TIMEOUT_MS, retryAfter, type Sent, type Text } from './sent.ts';

/** How long a connection to SNS may take to come about, in milliseconds. */
const CONNECT_WITHIN = 3_000;

/** What is read of a failure of the SDK. */
const failureSchema = z
  .object({
    name: z.string().catch(''),
    message: z.string().catch(''),
    code: z.string().catch(''),
    syscall: z.string().catch(''),
    $metadata: z.object({ httpStatusCode: z.number().optional().catch(undefined) }).catch({}),
    $response: z.object({ headers: z.record(z.string(), z.string()).catch({}) }).catch({ headers: {} }),
  })
  .catch({ name: '', message: '', code: '', syscall: '', $metadata: {}, $response: { headers: {} } });

const tryAgain = (reason: string) => ({ ok: false, retry: true, reason }) as const;
const abandon = (reason: string): Sent => ({ ok: false, retry: false, reason });

/**
 * SNS's errors: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html and CommonErrors.html beside it. Its
 * own words may hold the phone number or an access key's id, so they are not passed on.
 */
function explain(error: unknown): Sent {
  const { name, message, $metadata, $response } = failureSchema.parse(error);
  const status = $metadata.httpStatusCode;
  if (name === 'CredentialsProviderError') return tryAgain('No AWS credentials were found for Amazon SNS.');
  if (message.includes('Region is missing')) return tryAgain('No AWS region is set: check AWS_REGION.');
  if (status === 429 || name.includes('Throttl')) {
    const reason = 'Amazon SNS asks to send more slowly.';
    return { ok: false, retry: true, reason, ...retryAfter($response.headers['retry-after']) };
  }
  if (status === 401 || status === 403) {
    return tryAgain('Amazon SNS refused the AWS credentials, or they do not allow sns:Publish.');
  }
  if (/opted ?out/i.test(`${name} ${message}`)) {
    return abandon('The owner of the phone has opted out of texts from this AWS account.');
  }
  if (name.startsWith('InvalidParameter') || name.startsWith('Validation')) {
    return abandon('Amazon SNS refused the phone number, or the text, as invalid.');
  }
  if (name.startsWith('UserError')) {
    return tryAgain(
      'Amazon SNS has no sender for this country, or the AWS account is still in the SMS sandbox.',
    );
  }
  if (status === undefined) return tryAgain('Amazon SNS could not be reached, or its answer made no sense.');
  if (status < 400) return tryAgain('The answer of Amazon SNS made no sense.');
  return tryAgain(`Amazon SNS answered with an error (${status}).`);
}

/** Codes of Node.js for a connection that never came about, so that no request went over it. */
const NOT_CONNECTED =
  /^(ECONNREFUSED|ENOTFOUND|EAI_\w+|EHOSTUNREACH|ENETUNREACH|ENETDOWN|CERT_\w+|\w+_CERT\w*)$/;

/**
 * Whether SNS may have taken a text though it did not say so: the request went out, and what came back was nothing,
 * no answer of SNS, or a gateway's word that it waited in vain.
 */
function mayHaveBeenTaken(error: unknown): boolean {
  const { message, code, syscall, $metadata } = failureSchema.parse(error);
  const status = $metadata.httpStatusCode;
  if (status !== undefined) return status < 400 || status === 502 || status === 504;
  if (syscall === 'connect' || NOT_CONNECTED.test(code)) return false;
  return !message.includes('did not establish a connection');
}

/**
 * A client for `sendBySns`, to be kept for the life of the process: it remembers credentials and connections.
 * Region, credentials and AWS_ENDPOINT_URL_SNS are found by the SDK's own chain.
 *
 * One attempt only: the SDK would try three times by itself, SNS knows no idempotency key for texts, and the
 * worker tries again anyway. A connection has to come about sooner than an answer: then it is known that nothing
 * was sent.
 */
export function createSnsClient(configuration: SNSClientConfig = {}): SNSClient {
  const requestHandler = { connectionTimeout: CONNECT_WITHIN };
  return new SNSClient({ requestHandler, ...configuration, maxAttempts: 1 });
}

/**
 * Hands a text to Amazon SNS as a transactional one (routed for reliability, not for cost). SNS's acceptance
 * does not say that it was delivered, nor even that the phone has not opted out.
 *
 * @param deadline milliseconds for the whole exchange, the search for credentials included; the SDK's own
 * `requestTimeout` ends nothing, it only warns, unless told otherwise
 */
export async function sendBySns(
  client: SNSClient,
  text: Text,
  deadline = RESPONSE_TIMEOUT_MS,
): Promise<Sent> {
  const signal = AbortSignal.timeout(deadline);
  const command = new PublishCommand({
    PhoneNumber: text.to,
    Message: text.text,
    MessageAttributes: { 'AWS.SNS.SMS.SMSType': { DataType: 'String', StringValue: 'Transactional' } },
  });
  let handedOver = false;
  const noteHandingOver = { step: 'deserialize', priority: 'low' } as const;
  command.middlewareStack.add((next) => {
    return (request) => {
      handedOver = true;
      return next(request);
    };
  }, noteHandingOver);
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  try {
    // The SDK heeds the signal only once it has credentials, hence the race.
    const { MessageId } = await Promise.race([client.send(command, { abortSignal: signal }), late]);
    if (MessageId) return { ok: true, provider: 'sns', providerId: MessageId };
    return { ...tryAgain('The answer of Amazon SNS made no sense.'), unanswered: true };
  } catch (error) {
    const unanswered = handedOver && mayHaveBeenTaken(error) ? ({ unanswered: true } as const) : {};
    if (signal.aborted) {
      return { ...tryAgain(`Amazon SNS did not answer within ${deadline / 1_000} seconds.`), ...unanswered };
    }
    return { ...explain(error), ...unanswered };
  }
}
