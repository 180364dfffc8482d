import { and, asc, inArray, isNull } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { scopes } from '#db/schema/scopes.ts';

/**
 * Locks scopes that an account will have, so that none of them is retired before the commit. Lock the account after them.
 * @returns the first name that is unknown or retired; undefined if all can be used
 */
export async function lockScopes(transaction: Transaction, names: string[]): Promise<string | undefined> {
  if (names.length === 0) return undefined;
  const rows = await transaction
    .select({ name: scopes.name })
    .from(scopes)
    .where(and(inArray(scopes.name, names), isNull(scopes.retiredAt)))
    .orderBy(asc(scopes.name))
    .for('share');
  const usable = new Set(rows.map(({ name }) => name));
  return names.find((name) => !usable.has(name));
}

/** Describes in a field error why an account cannot have a scope. */
export const describeUnusableScope = (name: string) => `The scope “${name}” doesn’t exist, or was retired.`;
