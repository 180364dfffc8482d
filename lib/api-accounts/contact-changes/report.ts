import { and, eq, isNull, sql } from 'drizzle-orm';
import type { PgBoss } from 'pg-boss';
import type { Database, Transaction } from '#db/client.ts';
import { addressChanges } from '#db/schema/address-changes.ts';
import { users } from '#db/schema/users.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAct } from '#lib/audit/record.ts';
import { queueMessage } from '#lib/notifications/delivery/queue-message.ts';
import { senderFor } from '#lib/notifications/queue/enqueue.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { stillOpen } from './still-open.ts';
import { readObjectionToken } from './token.ts';

export type Objected = { ok: true } | { ok: false; reason: 'ended' };

/** Queues an email to everybody who may look into it now. */
async function tellAdministrators(transaction: Transaction, sender: PgBoss, changeId: string): Promise<void> {
  const administrators = await transaction
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.role, 'settings_administrator'), eq(users.active, true)))
    .orderBy(users.id);
  for (const { id: userId } of administrators) {
    await queueMessage(transaction, sender, { kind: 'objection', changeId, userId });
  }
}

/**
 * Takes down that somebody who was told of a change says "this was not us", and tells every administrator: once,
 * however often it is said. Nothing else happens: an old address must not be able to shut an account down.
 * @returns `ended` alike for an unknown, malformed or late link
 */
export async function objectToChange(
  database: Database,
  token: string,
  address: string | null = null,
): Promise<Objected> {
  const id = readObjectionToken(token, settings().authSecret);
  if (!id) return { ok: false, reason: 'ended' };
  const sender = await senderFor(database.$client);
  return withTransaction(database, async (transaction): Promise<Objected> => {
    const [objected] = await transaction
      .update(addressChanges)
      .set({ objectedAt: sql`now()` })
      .where(and(eq(addressChanges.id, id), isNull(addressChanges.objectedAt), stillOpen))
      .returning({ accountId: addressChanges.accountId });
    if (objected) {
      const event = { userId: null, address, accountId: objected.accountId, details: { changeId: id } };
      recordAct(transaction, 'address_change.objected', event);
      await tellAdministrators(transaction, sender, id);
      return { ok: true };
    }
    const earlier = await transaction
      .select({ id: addressChanges.id })
      .from(addressChanges)
      .where(and(eq(addressChanges.id, id), stillOpen));
    return earlier.length > 0 ? { ok: true } : { ok: false, reason: 'ended' };
  });
}
