import type { RequestHandler } from 'express';
import { dropAccountHeaders } from '../shared/account-headers.ts';
import { verify } from '../shared/verify.ts';

export { checkUpgrade, type UpgradeOptions } from '../shared/check-upgrade.ts';
export type { ApiAccount } from '../shared/verify.ts';

async function check(
  requiredScope: string | undefined,
  ...[request, response, next]: Parameters<RequestHandler>
): Promise<void> {
  dropAccountHeaders(request);
  const verification = await verify(
    {
      Authorization: request.get('Authorization'),
      'X-API-Key': request.get('X-API-Key'),
      'X-Forwarded-For': request.ip,
    },
    requiredScope,
  );
  if (!verification.isAllowed) {
    const { status, headers } = verification.response;
    response
      .setHeaders(headers)
      .status(status)
      .end(await verification.response.text());
    return;
  }
  response.setHeaders(verification.headers);
  response.locals.apiAccount = verification.account;
  next();
}

/**
 * Rejects requests without a valid key. The key's account is in `response.locals.apiAccount`. Never read it from a
 * header, which every client can send. Use this before any middleware that reads the body, so that the bodies of rejected
 * requests are not read, but after middleware for CORS, because a browser sends a preflight without the key.
 */
export const checkApiKey: RequestHandler = (request, response, next) =>
  // `requireScope` has checked it, and a second check would consume quota.
  response.locals.apiAccount ? next() : check(undefined, request, response, next);

/** Rejects requests without a valid key of an account with this scope. Use it on a path, before `checkApiKey`. */
export const requireScope =
  (scope: string): RequestHandler =>
  (...parameters) =>
    check(scope, ...parameters);
