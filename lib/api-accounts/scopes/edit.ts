import { desc, eq, sql } from 'drizzle-orm';
import type { Database, Transaction } from '#db/client.ts';
import { auditEvents } from '#db/schema/audit-events.ts';
import { scopes } from '#db/schema/scopes.ts';
import { users } from '#db/schema/users.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { nameOrEmail } from '#lib/identity/users/name-or-email.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import type { EditScope, NewScope } from './schema.ts';

export type EditScopeResult =
  | { ok: true }
  /** Another administrator has changed the description. `changedBy`: their name; null if that user no longer exists. */
  | { ok: false; reason: 'changed'; current: string; changedBy: string | null }
  /** There is no such scope, or it is retired. */
  | { ok: false; reason: 'not_found' };

/** Reads the name of the administrator who last changed a description. */
async function readEditor(transaction: Transaction, name: string): Promise<string | null> {
  const [editor] = await transaction
    .select({ name: nameOrEmail })
    .from(auditEvents)
    .innerJoin(users, eq(users.id, auditEvents.userId))
    .where(sql`${auditEvents.action} = 'scope.edited' and ${auditEvents.details}->>'scope' = ${name}`)
    .orderBy(desc(auditEvents.at), desc(auditEvents.id))
    .limit(1);
  return editor?.name ?? null;
}

/**
 * Changes the description of a scope, unless it was changed after the editor read `seenDescription`. The name never
 * changes.
 */
export async function editScope(
  database: Database,
  { userId, ipAddress }: Administrator,
  { name, description, seenDescription }: NewScope & Partial<EditScope>,
): Promise<EditScopeResult> {
  return withTransaction(database, async (transaction): Promise<EditScopeResult> => {
    const [scope] = await transaction
      .select({ description: scopes.description, retiredAt: scopes.retiredAt })
      .from(scopes)
      .where(eq(scopes.name, name))
      .for('update');
    if (!scope || scope.retiredAt) return { ok: false, reason: 'not_found' };
    const before = { description: scope.description };
    if (before.description === description) return { ok: true };
    if (seenDescription !== undefined && seenDescription !== before.description) {
      const changedBy = await readEditor(transaction, name);
      return { ok: false, reason: 'changed', current: before.description, changedBy };
    }
    await transaction.update(scopes).set({ description }).where(eq(scopes.name, name));
    const details = { scope: name, before, after: { description } };
    recordAuditEvent(transaction, 'scope.edited', { userId, ipAddress, details });
    return { ok: true };
  });
}
