import { createLineLimiter } from '#lib/platform/line-limiter.ts';
import { log } from '#lib/platform/log.ts';

type Requester = {
  /** The name of the action or route, if known. */
  requested?: string | undefined;
  /** Null if unauthenticated. */
  userId: string | null;
};

/** Creates a function that logs refused requests: at most one line per minute for each reason, request and user. */
export function createRefusalLog() {
  const limitLines = createLineLimiter();
  return (reason: string, { requested, userId }: Requester): void => {
    const kind = JSON.stringify([reason, requested, userId]);
    const fields = { reason, requested: requested ?? null, userId };
    limitLines(kind, (count) => log.warn('request.refused', { ...fields, count }));
  };
}

/** Logs a request that an action or a route refused. */
export const logRefusal = createRefusalLog();
