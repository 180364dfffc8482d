import { and, eq, sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { accessTokens } from '#db/schema/access-tokens.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { digestKeyAsHex, isWellFormedKey } from '#lib/api-keys/api-key.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import {
  type AccessTokenActor,
  type AccessTokenScope,
  brandAccessToken,
  getAuditActor,
  type ValidAccessToken,
} from '#lib/platform/authorization/actor.ts';
import { isAccessTokenValid } from '#lib/platform/authorization/actor-transaction.ts';
import { logRefusal } from '#lib/platform/authorization/log-refusal.ts';
import { database as getDatabase } from '#lib/platform/database.ts';
import { createProblem } from '#lib/platform/http/problem-response.ts';
import {
  createRateLimiter,
  type RateLimit,
  type RateLimitStatus,
} from '#lib/platform/rate-limiter/rate-limiter.ts';
import { createRateLimitHeaders, TOKEN_RATE_LIMIT } from './rate-limit.ts';
import { ACCESS_TOKEN_TAG } from './schema.ts';
import { getUnknownTokenLimiter } from './unknown-token-limiter.ts';

const BEARER = /^bearer +([0-9A-Za-z]+)$/i;

/** Limits recorded refusals per token, so that a program cannot fill the audit log. */
const MAX_RECORDED = { name: 'token-refusals-on-record', points: 20, seconds: 60 * 60 };

/** A use is written if the last one that was written is as long ago as this. */
const isUseDue = sql<boolean>`(${accessTokens.lastUsedAt} is null
  or ${accessTokens.lastUsedAt} <= now() - interval '1 minute')`;

export type AccessTokenResult<Scope extends AccessTokenScope> =
  | { ok: true; actor: AccessTokenActor<Scope>; rateLimit: RateLimitStatus }
  | { ok: false; response: Response };

/**
 * Creates the response to a request without a valid access token. It is identical for all reasons, so it does not reveal
 * whether the token ever existed.
 */
export const respondInvalidToken = (): Response =>
  createProblem({
    status: 401,
    code: 'invalid_token',
    title: 'The access token is missing or not valid.',
    headers: { 'WWW-Authenticate': 'Bearer realm="Stagedoor"' },
  });

const respondRateLimited = (rateLimit: RateLimitStatus): Response =>
  createProblem({
    status: 429,
    code: 'too_many_requests',
    title: 'The access token has reached its limit of requests per minute.',
    headers: { 'Retry-After': String(rateLimit.resetSeconds), ...createRateLimitHeaders(rateLimit) },
  });

const respondTooManyUnknownTokens = (retryAfterSeconds: number): Response =>
  createProblem({
    status: 429,
    code: 'too_many_requests',
    title: 'Too many invalid access tokens were sent from this IP address.',
    detail: 'Valid access tokens that were not used recently have to wait, too.',
    headers: { 'Retry-After': String(retryAfterSeconds) },
  });

const respondInsufficientScope = (scope: AccessTokenScope, rateLimit: RateLimitStatus): Response =>
  createProblem({
    status: 403,
    code: 'insufficient_scope',
    title: 'The access token does not have the scope that this request requires.',
    detail: `Use an access token with the scope ${scope}.`,
    headers: {
      'WWW-Authenticate': `Bearer realm="Stagedoor", error="insufficient_scope", scope="${scope}"`,
      ...createRateLimitHeaders(rateLimit),
    },
  });

/** Reads a well-formed access token (RFC 6750, section 2.1). */
function readBearerToken(headers: Headers): string | null {
  const [, token] = BEARER.exec(headers.get('authorization') ?? '') ?? [];
  return token && isWellFormedKey(token, ACCESS_TOKEN_TAG) ? token : null;
}

/** Finds a token that is neither revoked nor expired. @param digest in hexadecimal */
async function findToken(database: Database, digest: string) {
  const [found] = await database
    .select({
      accessTokenId: accessTokens.id,
      name: accessTokens.name,
      scopes: accessTokens.scopes,
      isUseDue,
    })
    .from(accessTokens)
    .where(and(eq(accessTokens.digest, Buffer.from(digest, 'hex')), isAccessTokenValid));
  return found;
}

type FoundToken = Awaited<ReturnType<typeof findToken>>;

/** Looks up a token, unless too many unknown ones were tried from the IP address. */
async function lookUpToken(
  database: Database,
  token: string,
  ipAddress: string,
): Promise<{ ok: true; found: FoundToken } | { ok: false; retryAfterSeconds: number }> {
  const digest = digestKeyAsHex(token);
  const attempt = getUnknownTokenLimiter(database.$client).consume(ipAddress, digest);
  if (!attempt.ok) return attempt;
  try {
    const found = await findToken(database, digest);
    attempt.settle(found !== undefined);
    return { ok: true, found };
  } catch (error) {
    attempt.refund();
    throw error;
  }
}

/** Writes when and from where a token was used, unless another request has just done that. */
async function recordUse(database: Database, id: string, ipAddress: string): Promise<void> {
  await database
    .update(accessTokens)
    .set({ lastUsedAt: sql`now()`, lastIpAddress: ipAddress })
    .where(and(eq(accessTokens.id, id), isUseDue));
}

/** Logs a request that the token's scopes do not allow, and records it, at most 20 an hour per token. */
async function recordMissingScope(database: Database, token: ValidAccessToken, scope: string): Promise<void> {
  logRefusal('insufficient_scope', { requested: scope, userId: null });
  if (!(await createRateLimiter(database.$client, MAX_RECORDED).consume(token.accessTokenId)).ok) return;
  await withTransaction(database, async (transaction) =>
    recordAuditEvent(transaction, 'request.refused', {
      ...getAuditActor(token),
      outcome: 'refused',
      details: { scope },
    }),
  );
}

/**
 * Requires an access token with a scope. Every endpoint of the management API calls it first. Reads the token only from
 * the header `Authorization: Bearer`, never from a cookie, so no other site can make a browser send it. Reads the database
 * on each request, so a revoked token is refused immediately; a malformed one costs no query. Limits unknown tokens by IP
 * address. Counts the request against the token's rate limit, and writes the token's last use about once a minute.
 * @param options.database, options.limit replaced in tests
 * @throws if the database cannot be queried; the caller must then refuse the request
 */
export async function requireAccessToken<Scope extends AccessTokenScope>(
  { headers }: Pick<Request, 'headers'>,
  scope: Scope,
  { database = getDatabase(), limit = TOKEN_RATE_LIMIT }: { database?: Database; limit?: RateLimit } = {},
): Promise<AccessTokenResult<Scope>> {
  const token = readBearerToken(headers);
  const ipAddress = headers.get('x-stagedoor-address') ?? 'unknown';
  const result = token === null ? undefined : await lookUpToken(database, token, ipAddress);
  if (result?.ok === false) {
    logRefusal('too_many_unknown_tokens', { userId: null });
    return { ok: false, response: respondTooManyUnknownTokens(result.retryAfterSeconds) };
  }
  if (!result?.found) {
    logRefusal('invalid_token', { userId: null });
    return { ok: false, response: respondInvalidToken() };
  }
  const { isUseDue: isDue, ...valid } = result.found;
  const validToken: ValidAccessToken = { ...valid, ipAddress, hasRecentAuth: true };
  const { ok, ...rateLimit } = await createRateLimiter(database.$client, limit).consumeWithStatus(
    valid.accessTokenId,
  );
  if (!ok) return { ok: false, response: respondRateLimited(rateLimit) };
  if (isDue) await recordUse(database, valid.accessTokenId, ipAddress);
  const actor = brandAccessToken(validToken, scope);
  if (actor) return { ok: true, actor, rateLimit };
  await recordMissingScope(database, validToken, scope);
  return { ok: false, response: respondInsufficientScope(scope, rateLimit) };
}
