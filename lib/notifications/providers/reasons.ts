// Reasons for a failure that several providers share. Administrators read them.

/** Describes a failed connection, or a response that was cut off or cannot be parsed. */
export const describeUnreachable = (provider: string) =>
  `${provider} couldn’t be reached, or sent an invalid response.`;

export const describeInvalidResponse = (provider: string) => `${provider} sent an invalid response.`;

export const describeTimeout = (provider: string, timeoutMs: number) =>
  `${provider} didn’t respond within ${timeoutMs / 1_000} seconds.`;

export const describeErrorResponse = (provider: string, code: number) =>
  `${provider} returned an error (${code}).`;

export const describeRateLimited = (provider: string) => `${provider} is limiting how fast we send.`;

export const PHONE_UNREACHABLE = 'The phone couldn’t be reached: it may be off or out of range.';
export const BLOCKED_AS_SPAM = 'The mobile network blocked the text as spam.';
export const OPTED_OUT_OF_SNS = 'The owner of the phone has opted out of texts from this AWS account.';
