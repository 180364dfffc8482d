import { PublishCommand, SNSClient, type SNSClientConfig } from '@aws-sdk/client-sns';
import { z } from 'zod';
import { ANSWER_WITHIN, retryAfter, type Sent, type Text } from './sent.ts';

/** What is read of a failure of the SDK. */
const failureSchema = z
  .object({
    name: z.string().catch(''),
    message: z.string().catch(''),
    $metadata: z.object({ httpStatusCode: z.number().optional().catch(undefined) }).catch({}),
    $response: z.object({ headers: z.record(z.string(), z.string()).catch({}) }).catch({ headers: {} }),
  })
  .catch({ name: '', message: '', $metadata: {}, $response: { headers: {} } });

const tryAgain = (reason: string): Sent => ({ ok: false, retry: true, reason });
const giveUp = (reason: string): Sent => ({ ok: false, retry: false, reason });

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
    return giveUp('The owner of the phone has opted out of texts from this AWS account.');
  }
  if (name.startsWith('InvalidParameter') || name.startsWith('Validation')) {
    return giveUp('Amazon SNS refused the phone number, or the text, as invalid.');
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

/**
 * A client for `sendBySns`, to be kept for the life of the process: it remembers credentials and connections.
 * Region, credentials and AWS_ENDPOINT_URL_SNS are found by the SDK's own chain.
 *
 * One attempt only: the SDK would try three times by itself, SNS knows no idempotency key for texts, and the
 * queue tries again anyway.
 */
export function createSnsClient(configuration: SNSClientConfig = {}): SNSClient {
  return new SNSClient({ ...configuration, maxAttempts: 1 });
}

/**
 * Hands a text to Amazon SNS as a transactional one (routed for reliability, not for cost). SNS's acceptance
 * does not say that it was delivered, nor even that the phone has not opted out.
 *
 * @param deadline milliseconds for the whole exchange, the search for credentials included; the SDK's own
 * `requestTimeout` ends nothing, it only warns, unless told otherwise
 */
export async function sendBySns(client: SNSClient, text: Text, deadline = ANSWER_WITHIN): Promise<Sent> {
  const signal = AbortSignal.timeout(deadline);
  const command = new PublishCommand({
    PhoneNumber: text.to,
    Message: text.text,
    MessageAttributes: { 'AWS.SNS.SMS.SMSType': { DataType: 'String', StringValue: 'Transactional' } },
  });
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  try {
    // The SDK heeds the signal only once it has credentials, hence the race.
    const { MessageId } = await Promise.race([client.send(command, { abortSignal: signal }), late]);
    if (MessageId) return { ok: true, provider: 'sns', providerId: MessageId };
    return tryAgain('The answer of Amazon SNS made no sense.');
  } catch (error) {
    if (signal.aborted) return tryAgain(`Amazon SNS did not answer within ${deadline / 1_000} seconds.`);
    return explain(error);
  }
}
