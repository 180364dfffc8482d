import { getConnInfo } from '@hono/node-server/conninfo';
import { createMiddleware } from 'hono/factory';
import { dropFetchAccountHeaders } from '../shared/account-headers.ts';
import { type ApiAccount, verify } from '../shared/verify.ts';

export { checkUpgrade, type UpgradeOptions } from '../shared/check-upgrade.ts';
export type { ApiAccount };

/** The environment of the middleware: `new Hono<ApiKeyEnv>()`. */
export type ApiKeyEnv = { Variables: { apiAccount: ApiAccount } };

/** Rejects requests without a valid key of an account with this scope. Use it on a path, before `checkApiKey`. */
export const requireScope = (scope: string | undefined) =>
  createMiddleware<ApiKeyEnv>(async (c, next) => {
    dropFetchAccountHeaders(c.req.raw.headers);
    const verification = await verify(
      {
        Authorization: c.req.header('Authorization'),
        'X-API-Key': c.req.header('X-API-Key'),
        'X-Forwarded-For': getConnInfo(c).remote.address,
      },
      scope,
    );
    if (!verification.isAllowed) return verification.response;
    c.set('apiAccount', verification.account);
    await next();
    for (const [name, value] of verification.headers) c.header(name, value);
  });

const requireKey = requireScope(undefined);

/**
 * Rejects requests without a valid key. The key's account is in `c.get('apiAccount')`. Never read it from a header,
 * which every client can send. Use this after middleware for CORS, because a browser sends a preflight without the key.
 */
export const checkApiKey: typeof requireKey = (c, next) =>
  // `requireScope` has checked it, and a second check would consume quota.
  c.get('apiAccount') ? next() : requireKey(c, next);
