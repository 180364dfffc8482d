import { en } from '#lib/notifications/message-catalogue/en.ts';
import type { Refusal as AccessRefusal } from '#lib/platform/authorization/roles.ts';

type LinkRefusal = { reason: 'rate_limited'; retryAfterSeconds: number } | AccessRefusal;

export const NO_RESPONSE = en.links.noResponse;

/** Describes why a request to open, use or send a link was refused, and what to do next. */
export function describeLinkRefusal(refusal: LinkRefusal): string {
  if (refusal.reason !== 'rate_limited') return refusal.message;
  return en.links.rateLimited({ seconds: refusal.retryAfterSeconds });
}
