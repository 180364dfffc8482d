import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { sessions } from '#db/schema/sessions.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAct } from '#lib/audit/record.ts';
import type { Person } from '#lib/auth/roles.ts';
import { PROOF_LASTS } from '#lib/auth/touch-session.ts';
import { holdPerson } from '#lib/factors/hold-person.ts';
import { findByIdentity, touchIdentity } from './identities.ts';
import type { Holder } from './judge-claims.ts';
import { provenAt } from './proven-at.ts';

export type ProvenAtProvider =
  | { ok: true; sessionId: string }
  /** `other_person`: somebody else than who is signed in here. `not_fresh`: the provider did not ask them anew, or does not say. */
  | { ok: false; reason: 'other_person' | 'not_fresh' };

/**
 * Proves anew who somebody is who is signed in, by what their provider has just asked them: as `prove` of
 * `lib/factors` does by what they have here.
 */
export async function proveAtProvider(
  database: Database,
  person: Person,
  holder: Holder,
): Promise<ProvenAtProvider> {
  const { userId, sessionId, address } = person;
  return withTransaction(database, async (transaction) => {
    const held = await holdPerson(transaction, userId);
    const isTheirs = (await findByIdentity(transaction, holder.issuerAndSubject)) === userId;
    const at = provenAt(holder);
    const renewed =
      held?.active && isTheirs
        ? await transaction
            .update(sessions)
            .set({ provenAt: sql`greatest(${sessions.provenAt}, ${at})` })
            .where(
              and(
                eq(sessions.id, sessionId),
                eq(sessions.userId, userId),
                isNull(sessions.endedAt),
                sql`${at} > now() - ${PROOF_LASTS}::interval`,
              ),
            )
            .returning({ id: sessions.id })
        : [];
    const details = { method: 'oidc' };
    if (renewed.length === 0) {
      recordAct(transaction, 'proof.failed', { userId, address, outcome: 'refused', details });
      return { ok: false, reason: isTheirs ? 'not_fresh' : 'other_person' };
    }
    await touchIdentity(transaction, holder.issuerAndSubject);
    recordAct(transaction, 'proof.given', { userId, address, details });
    return { ok: true, sessionId };
  });
}
