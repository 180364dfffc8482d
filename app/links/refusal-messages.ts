import type { Refusal as Forbidden } from '#lib/platform/authorization/roles.ts';
import { formatWait } from '#lib/platform/rate-limiter/format.ts';

type Refusal = { reason: 'throttled'; retryAfterSeconds: number } | Forbidden;

export const NO_RESPONSE = 'The server did not answer. Check your connection, then try again.';

/** Describes why the request was refused, and what to do next. */
export function describeRefusal(refusal: Refusal): string {
  if (refusal.reason !== 'throttled') return refusal.message;
  return `There have been too many tries from here. Try again in ${formatWait(refusal.retryAfterSeconds)}.`;
}
