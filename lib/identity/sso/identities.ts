import { and, eq, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Queryable, Transaction } from '#db/client.ts';
import { identities } from '#db/schema/factors.ts';
import { matchesIssuer } from './is-of-issuer.ts';

/** Whose an identity at the provider is; null: nobody's here. */
export async function findByIdentity(database: Queryable, issuerAndSubject: string): Promise<string | null> {
  const [found] = await database
    .select({ userId: identities.userId })
    .from(identities)
    .where(eq(identities.issuerAndSubject, issuerAndSubject));
  return found?.userId ?? null;
}

/** Somebody's identity at this provider, and when they last came from there; null: they never did. */
export async function readIdentity(
  database: Queryable,
  userId: string,
  issuer: string,
): Promise<{ lastUsedAt: Date } | null> {
  const [found] = await database
    .select({ createdAt: identities.createdAt, lastUsedAt: identities.lastUsedAt })
    .from(identities)
    .where(and(eq(identities.userId, userId), matchesIssuer(issuer)));
  return found ? { lastUsedAt: found.lastUsedAt ?? found.createdAt } : null;
}

/** Gives an identity to somebody who has none at that provider. Its caller holds the person's row (`lockUser`). */
export async function addIdentity(
  transaction: Transaction,
  userId: string,
  issuerAndSubject: string,
): Promise<void> {
  await transaction
    .insert(identities)
    .values({ id: uuidv7(), userId, issuerAndSubject, lastUsedAt: sql`now()` });
}

/** Writes down that somebody has used theirs. */
export async function touchIdentity(transaction: Transaction, issuerAndSubject: string): Promise<void> {
  await transaction
    .update(identities)
    .set({ lastUsedAt: sql`now()` })
    .where(eq(identities.issuerAndSubject, issuerAndSubject));
}
