'use server';
import { listAuditLog } from '#lib/audit/list.ts';
import { accountHistorySchema, auditFilterSchema } from '#lib/audit/schema.ts';
import { requireAdministrator } from '#lib/identity/sessions/require-role.ts';
import { database } from '#lib/platform/database.ts';

/** Maximum number of entries in an account's editor, which links the audit log for the rest. */
const MAX_ENTRIES = 20;

/** Loads an account's newest audit events for its editor. */
export async function loadAccountHistory(input: unknown) {
  const access = await requireAdministrator('loadAccountHistory');
  if (!access.ok) return access;
  const parsed = accountHistorySchema.safeParse(input);
  if (!parsed.success) return { ok: false, reason: 'not_found' } as const;
  const filter = auditFilterSchema.parse({ account: parsed.data.id });
  const { entries, older } = await listAuditLog(database(), access.administrator, filter, {}, MAX_ENTRIES);
  return { ok: true, entries, hasMore: older !== null, readAt: new Date() } as const;
}
