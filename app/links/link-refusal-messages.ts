import { links } from '#lib/notifications/message-catalogue/en-links.ts';
import type { Refusal as AccessRefusal } from '#lib/platform/authorization/roles.ts';
import { isOutdated, isServerError } from '../request-errors.ts';

type LinkRefusal = { reason: 'rate_limited'; retryAfterSeconds: number } | AccessRefusal;

/**
 * Describes why a request failed without a result, and what to do next.
 * @param messages the descriptions if the server failed or did not respond
 * @param advice follows them: what to do if the request has succeeded nevertheless
 */
export function describeFailedRequest(
  error: unknown,
  { serverError, noResponse }: { serverError: string; noResponse: string } = links,
  advice = '',
): string {
  if (isOutdated(error)) return links.updated;
  return `${isServerError(error) ? serverError : noResponse} ${advice}`.trim();
}

/** Describes why a request to open, use or send a link was refused, and what to do next. */
export function describeLinkRefusal(refusal: LinkRefusal): string {
  if (refusal.reason !== 'rate_limited') return refusal.message;
  return links.rateLimited({ seconds: refusal.retryAfterSeconds });
}
