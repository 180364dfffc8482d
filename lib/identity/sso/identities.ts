import { and, eq, type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Queryable, Transaction } from '#db/client.ts';
import { identities } from '#db/schema/factors.ts';
import { removeTrailingSlash } from '#lib/platform/http/web-url.ts';

/** Splits a stored identity (`<issuer> <subject>`, of one SSO account) at its space, which neither part contains. */
export function parseIdentity(issuerAndSubject: string): { issuer: string; subject: string } {
  const space = issuerAndSubject.indexOf(' ');
  return { issuer: issuerAndSubject.slice(0, space), subject: issuerAndSubject.slice(space + 1) };
}

/**
 * Matches identities of this OpenID provider, with or without a trailing slash. The query must select from `identities`.
 */
export function matchesIssuer(issuer: string): SQL<boolean> {
  const prefix = removeTrailingSlash(issuer);
  return sql<boolean>`(starts_with(identities.issuer_and_subject, ${`${prefix} `})
    or starts_with(identities.issuer_and_subject, ${`${prefix}/ `}))`;
}

/** Finds the id of the user to whom an identity is linked; null if it is not linked. */
export async function findUserIdByIdentity(
  database: Queryable,
  issuerAndSubject: string,
): Promise<string | null> {
  const [found] = await database
    .select({ userId: identities.userId })
    .from(identities)
    .where(eq(identities.issuerAndSubject, issuerAndSubject));
  return found?.userId ?? null;
}

/** Reads when a user last authenticated at this provider; null if no identity is linked. */
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

/**
 * Links an identity to a user who has no identity at that provider. The caller has locked the user's row (`lockUser`).
 */
export async function linkIdentity(
  transaction: Transaction,
  userId: string,
  issuerAndSubject: string,
): Promise<void> {
  await transaction
    .insert(identities)
    .values({ id: uuidv7(), userId, issuerAndSubject, lastUsedAt: sql`now()` });
}

/** Stores that an identity was used now. */
export async function updateIdentityLastUsed(
  transaction: Transaction,
  issuerAndSubject: string,
): Promise<void> {
  await transaction
    .update(identities)
    .set({ lastUsedAt: sql`now()` })
    .where(eq(identities.issuerAndSubject, issuerAndSubject));
}
