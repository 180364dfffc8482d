import { eq } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { scopes } from '#db/schema/scopes.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import type { NewScope } from './schema.ts';

/** Changes the description of a scope. Its name never changes. */
export async function editScope(
  database: Database,
  { userId, ipAddress }: Administrator,
  { name, description }: NewScope,
): Promise<{ ok: true } | { ok: false; reason: 'not_found' }> {
  return withTransaction(database, async (transaction) => {
    const [before] = await transaction
      .select({ description: scopes.description })
      .from(scopes)
      .where(eq(scopes.name, name))
      .for('update');
    if (!before) return { ok: false, reason: 'not_found' };
    if (before.description === description) return { ok: true };
    await transaction.update(scopes).set({ description }).where(eq(scopes.name, name));
    const details = { scope: name, before, after: { description } };
    recordAuditEvent(transaction, 'scope.edited', { userId, ipAddress, details });
    return { ok: true };
  });
}
