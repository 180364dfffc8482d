import type { Database } from '#db/client.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAct } from '#lib/audit/record.ts';
import { queueMessage } from '#lib/notifications/delivery/queue-message.ts';
import { senderFor } from '#lib/notifications/queue/enqueue.ts';
import {
  type Person,
  type ProofNeeded,
  type Refusal,
  SIGNED_OUT,
} from '#lib/platform/authorization/roles.ts';
import { holdAsking } from './lock-actor.ts';
import { makeRecoveryCodes } from './recovery-codes.ts';

export type CodesRenewed =
  | { ok: true; recoveryCodes: string[] }
  | { ok: false; reason: 'missing' }
  | ProofNeeded
  | Refusal;

/** Makes a person's recovery codes anew: those from before are dead. `missing`: there is no factor to recover. */
export async function renewRecoveryCodes(database: Database, person: Person): Promise<CodesRenewed> {
  if (!person.provenRecently) return { ok: false, reason: 'proof_needed' };
  const { userId, address } = person;
  const sender = await senderFor(database.$client);
  return withTransaction(database, async (transaction) => {
    const held = await holdAsking(transaction, person);
    if (!held) return SIGNED_OUT;
    if (held.factors === 0) return { ok: false, reason: 'missing' };
    const recoveryCodes = await makeRecoveryCodes(transaction, userId);
    recordAct(transaction, 'recovery_codes.made', { userId, address });
    await queueMessage(transaction, sender, {
      kind: 'security_notice',
      userId,
      notice: 'recovery_codes_made',
    });
    return { ok: true, recoveryCodes };
  });
}
