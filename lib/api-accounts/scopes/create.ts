import { asc, count, isNull } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { scopes } from '#db/schema/scopes.ts';
import { withTransaction } from '#db/with-transaction.ts';
import type { FieldErrors } from '#lib/api-accounts/schema.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { MAX_SCOPES, type NewScope } from './schema.ts';

export type CreateScopeResult =
  | { ok: true }
  | { ok: false; reason: 'invalid'; fieldErrors: FieldErrors<'name'> };

/**
 * Adds a scope to those of the organisation. Accounts with full access have it from the commit on. A name that was retired
 * cannot be used again, because a gateway may still require it with its former meaning.
 */
export async function createScope(
  database: Database,
  { userId, ipAddress }: Administrator,
  { name, description }: NewScope,
): Promise<CreateScopeResult> {
  const refuse = (message: string): CreateScopeResult => ({
    ok: false,
    reason: 'invalid',
    fieldErrors: { name: message },
  });
  return withTransaction(database, async (transaction): Promise<CreateScopeResult> => {
    // Creations run one after the other, so that two together cannot exceed the limit.
    await transaction
      .select({ name: scopes.name })
      .from(scopes)
      .where(isNull(scopes.retiredAt))
      .orderBy(asc(scopes.name))
      .for('update');
    const [row] = await transaction.select({ active: count() }).from(scopes).where(isNull(scopes.retiredAt));
    if ((row?.active ?? 0) >= MAX_SCOPES)
      return refuse(`You can have up to ${MAX_SCOPES} scopes. Retire one first.`);
    const inserted = await transaction
      .insert(scopes)
      .values({ name, description, createdBy: userId })
      .onConflictDoNothing()
      .returning({ name: scopes.name });
    if (inserted.length === 0)
      return refuse(`“${name}” is already used, or was retired. Choose another name.`);
    recordAuditEvent(transaction, 'scope.created', {
      userId,
      ipAddress,
      details: { scope: name, description },
    });
    return { ok: true };
  });
}
