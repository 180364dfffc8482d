import { en } from '#lib/notifications/message-catalogue/en.ts';
import type { Refusal as AccessRefusal } from '#lib/platform/authorization/roles.ts';

type Refusal = { reason: 'throttled'; retryAfterSeconds: number } | AccessRefusal;

export const NO_RESPONSE = en.links.noResponse;

/** Describes why the request was refused, and what to do next. */
export function describeRefusal(refusal: Refusal): string {
  if (refusal.reason !== 'throttled') return refusal.message;
  return en.links.tooManyAttempts({ seconds: refusal.retryAfterSeconds });
}
