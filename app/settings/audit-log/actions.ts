'use server';
import { listAuditLog } from '#lib/audit/list.ts';
import { accountHistorySchema, auditFilterSchema } from '#lib/audit/schema.ts';
import { requireAdministrator } from '#lib/identity/sessions/require-role.ts';
import { database } from '#lib/platform/database.ts';

/** How many entries of an account its editor shows; the audit log has the rest. */
const SHOWN = 20;

/** What was done to one account, the newest first, for its editor. */
export async function loadAccountHistory(input: unknown) {
  const asked = await requireAdministrator('loadAccountHistory');
  if (!asked.ok) return asked;
  const parsed = accountHistorySchema.safeParse(input);
  if (!parsed.success) return { ok: false, reason: 'missing' } as const;
  const filter = auditFilterSchema.parse({ account: parsed.data.id });
  const { entries, older } = await listAuditLog(database(), asked.administrator, filter, {}, SHOWN);
  return { ok: true, entries, more: older !== null, readAt: new Date() } as const;
}
