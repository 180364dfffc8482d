import type { onRequestAsyncHookHandler } from 'fastify';
import { dropAccountHeaders } from '../shared/account-headers.ts';
import { type ApiAccount, verify } from '../shared/verify.ts';

export { checkUpgrade, type UpgradeOptions } from '../shared/check-upgrade.ts';
export type { ApiAccount };

declare module 'fastify' {
  interface FastifyRequest {
    /** The API account of the request's key. */
    apiAccount: ApiAccount;
  }
  interface FastifyContextConfig {
    /** The scope that a route requires. */
    requiredScope?: string;
  }
}

/**
 * Rejects requests without a valid key, as an onRequest hook. The key's account is in `request.apiAccount`. Never read
 * it from a header, which every client can send. Add the hook for CORS before this one, because a browser sends a
 * preflight without the key. A route can require a scope: `{ config: { requiredScope: 'orders:read' } }`.
 */
export const checkApiKey: onRequestAsyncHookHandler = async (request, reply) => {
  dropAccountHeaders(request.raw);
  const verification = await verify(
    {
      Authorization: request.headers.authorization,
      'X-API-Key': request.headers['x-api-key']?.toString(),
      'X-Forwarded-For': request.ip,
    },
    request.routeOptions.config.requiredScope,
  );
  if (!verification.isAllowed) {
    const { status, headers } = verification.response;
    const body = Buffer.from(await verification.response.arrayBuffer());
    return reply.headers(Object.fromEntries(headers)).code(status).send(body);
  }
  reply.headers(Object.fromEntries(verification.headers));
  request.apiAccount = verification.account;
};
