import { and, eq } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { passkeys } from '#db/schema/factors.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { type CurrentUser, type Refusal, SIGNED_OUT } from '#lib/platform/authorization/roles.ts';
import { lockActor } from './lock-actor.ts';

/** Renames one of a user's passkeys. */
export async function renamePasskey(
  database: Database,
  user: CurrentUser,
  { id, name }: { id: string; name: string },
): Promise<{ ok: true } | { ok: false; reason: 'not_found' } | Refusal> {
  const { userId, ipAddress } = user;
  return withTransaction(database, async (transaction) => {
    if (!(await lockActor(transaction, user))) return SIGNED_OUT;
    const isOwnPasskey = and(eq(passkeys.id, id), eq(passkeys.userId, userId));
    const [before] = await transaction.select({ name: passkeys.name }).from(passkeys).where(isOwnPasskey);
    if (!before) return { ok: false, reason: 'not_found' };
    await transaction.update(passkeys).set({ name }).where(isOwnPasskey);
    recordAuditEvent(transaction, 'passkey.renamed', {
      userId,
      ipAddress,
      details: { before: before.name, after: name },
    });
    return { ok: true };
  });
}
