import { and, eq, gt, isNull, sql } from 'drizzle-orm';
import type { Database, Transaction } from '#db/client.ts';
import { accessTokens } from '#db/schema/access-tokens.ts';
import { withTransaction } from '#db/with-transaction.ts';
import type { Actor } from './actor.ts';

/** Thrown if an access token was revoked or expired after its request had begun. The API then refuses the request. */
export class AccessTokenEndedError extends Error {
  constructor() {
    super('the access token was revoked or has expired');
  }
}

/** Matches access tokens that are neither revoked nor expired. */
export const isAccessTokenValid = and(
  isNull(accessTokens.revokedAt),
  gt(accessTokens.expiresAt, sql`clock_timestamp()`),
);

/**
 * Locks an access token for the rest of the transaction, so that it cannot be revoked before the commit. Requests with
 * the same token do not wait for each other.
 */
async function lockAccessToken(transaction: Transaction, id: string): Promise<void> {
  const [valid] = await transaction
    .select({ id: accessTokens.id })
    .from(accessTokens)
    .where(and(eq(accessTokens.id, id), isAccessTokenValid))
    .for('share');
  if (!valid) throw new AccessTokenEndedError();
}

/**
 * Runs `work` in a transaction, as `withTransaction` does. If the actor is an access token, first locks it and checks it
 * again. An administrator was checked when the request began.
 * @throws AccessTokenEndedError if the token was revoked or has expired meanwhile; nothing is changed
 */
export function withActorTransaction<T>(
  database: Database,
  actor: Actor<never>,
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  return withTransaction(database, async (transaction) => {
    if ('accessTokenId' in actor) await lockAccessToken(transaction, actor.accessTokenId);
    return work(transaction);
  });
}
