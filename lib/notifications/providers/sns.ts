import { PublishCommand, SNSClient, type SNSClientConfig } from '@aws-sdk/client-sns';
import { z } from 'zod';
import type { SnsSender } from '#lib/platform/config/provider-settings.ts';
import {
  describeErrorResponse,
  describeInvalidResponse,
  describeRateLimited,
  describeTimeout,
  describeUnreachable,
  OPTED_OUT_OF_SNS,
} from './reasons.ts';
import {
  createPermanentFailure,
  createTemporaryFailure,
  parseRetryAfter,
  RESPONSE_TIMEOUT_MS,
  type SendResult,
  type Sms,
} from './send-result.ts';

const PROVIDER_NAME = 'Amazon SNS';

/**
 * Shorter than the response timeout. So if no connection is established, the SDK reports a connection error, after
 * which SNS cannot have accepted the SMS.
 */
const CONNECTION_TIMEOUT_MS = 3_000;

/** Fields of the SDK's error. */
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

/**
 * Maps an error of SNS to a result: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html, CommonErrors.html.
 * SNS's own message may contain the phone number or an access key id, so it is not passed on.
 */
function parseFailure(error: unknown): SendResult {
  const { name, message, $metadata, $response } = failureSchema.parse(error);
  const status = $metadata.httpStatusCode;
  if (name === 'CredentialsProviderError')
    return createTemporaryFailure('No AWS credentials were found for Amazon SNS.');
  if (message.includes('Region is missing'))
    return createTemporaryFailure('No AWS region is set. Check AWS_REGION.');
  if (status === 429 || name.includes('Throttl')) {
    const reason = describeRateLimited(PROVIDER_NAME);
    return { ok: false, retry: true, reason, ...parseRetryAfter($response.headers['retry-after']) };
  }
  if (status === 401 || status === 403) {
    return createTemporaryFailure(
      'Amazon SNS rejected the AWS credentials, or they don’t allow sns:Publish.',
    );
  }
  if (/opted ?out/i.test(`${name} ${message}`)) {
    return createPermanentFailure(OPTED_OUT_OF_SNS);
  }
  if (name.startsWith('InvalidParameter') || name.startsWith('Validation')) {
    return createPermanentFailure('Amazon SNS rejected the phone number or the text as invalid.');
  }
  if (name.startsWith('UserError')) {
    return createTemporaryFailure(
      'Amazon SNS has no sender for this country, or the AWS account is still in the SMS sandbox.',
    );
  }
  if (status === undefined) return createTemporaryFailure(describeUnreachable(PROVIDER_NAME));
  if (status < 400) return createTemporaryFailure(describeInvalidResponse(PROVIDER_NAME));
  return createTemporaryFailure(describeErrorResponse(PROVIDER_NAME, status));
}

/** Node.js error codes of a connection that was not established, so that no request was sent. */
const CONNECTION_ERROR =
  /^(ECONNREFUSED|ENOTFOUND|EAI_\w+|EHOSTUNREACH|ENETUNREACH|ENETDOWN|CERT_\w+|\w+_CERT\w*)$/;

/**
 * Checks whether SNS may have accepted an SMS despite the error: a connection was established, and the response is
 * missing, malformed, or the 502 or 504 of a proxy in front of SNS.
 */
function mayHaveAccepted(error: unknown): boolean {
  const { message, code, syscall, $metadata } = failureSchema.parse(error);
  const status = $metadata.httpStatusCode;
  if (status !== undefined) return status < 400 || status === 502 || status === 504;
  if (syscall === 'connect' || CONNECTION_ERROR.test(code)) return false;
  return !message.includes('did not establish a connection');
}

/**
 * Creates a client for `sendBySns`. Reuse it for the life of the process, because it caches credentials and
 * connections. The SDK finds the region, the credentials and AWS_ENDPOINT_URL_SNS by itself.
 *
 * The SDK's own retries are off: SNS has no idempotency keys, so the worker limits the retries.
 */
export function createSnsClient(configuration: SNSClientConfig = {}): SNSClient {
  const requestHandler = { connectionTimeout: CONNECTION_TIMEOUT_MS };
  return new SNSClient({ requestHandler, ...configuration, maxAttempts: 1 });
}

const INDIA = '+91';

/**
 * Builds the attributes of an SMS. `AWS.MM.SMS.EntityId` and `AWS.MM.SMS.TemplateId` exist for recipients in India only:
 * https://docs.aws.amazon.com/sns/latest/dg/sms_publish-to-phone.html
 */
function buildAttributes({ senderId, originationNumber, dlt }: SnsSender, phone: string) {
  const dltIds = phone.startsWith(INDIA) ? dlt : null;
  const values = {
    'AWS.SNS.SMS.SMSType': 'Transactional',
    'AWS.SNS.SMS.SenderID': senderId,
    'AWS.MM.SMS.OriginationNumber': originationNumber,
    'AWS.MM.SMS.EntityId': dltIds?.entityId,
    'AWS.MM.SMS.TemplateId': dltIds?.templateId,
  };
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      value ? [[name, { DataType: 'String', StringValue: value }]] : [],
    ),
  );
}

/**
 * Sends an SMS by Amazon SNS, with the type Transactional, for which SNS optimises reliability instead of cost. SNS
 * usually accepts an SMS to a phone that has opted out, and reports that only in its delivery log.
 *
 * @param timeoutMs limit for the request and the response, including the lookup of credentials. The SDK's
 *   `requestTimeout` only logs a warning by default
 */
export async function sendBySns(
  { client, sender }: { client: SNSClient; sender: SnsSender },
  sms: Sms,
  timeoutMs = RESPONSE_TIMEOUT_MS,
): Promise<SendResult> {
  const signal = AbortSignal.timeout(timeoutMs);
  const command = new PublishCommand({
    PhoneNumber: sms.to,
    Message: sms.text,
    MessageAttributes: buildAttributes(sender, sms.to),
  });
  // Becomes true once the credentials are found and the signed request goes to the HTTP client.
  let isRequestStarted = false;
  const beforeRequest = { step: 'deserialize', priority: 'low' } as const;
  command.middlewareStack.add((next) => {
    return (request) => {
      isRequestStarted = true;
      return next(request);
    };
  }, beforeRequest);
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  try {
    // The race enforces the timeout, because the SDK ignores the signal while it looks for credentials.
    const { MessageId } = await Promise.race([client.send(command, { abortSignal: signal }), aborted]);
    if (MessageId) return { ok: true, provider: 'sns', providerId: MessageId };
    return { ...createTemporaryFailure(describeInvalidResponse(PROVIDER_NAME)), isUnanswered: true };
  } catch (error) {
    const unansweredFields =
      isRequestStarted && mayHaveAccepted(error) ? ({ isUnanswered: true } as const) : {};
    if (signal.aborted) {
      return {
        ...createTemporaryFailure(describeTimeout(PROVIDER_NAME, timeoutMs)),
        ...unansweredFields,
      };
    }
    return { ...parseFailure(error), ...unansweredFields };
  }
}
