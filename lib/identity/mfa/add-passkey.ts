import { eq } from 'drizzle-orm';
import type { PgBoss } from 'pg-boss';
import { v7 as uuidv7 } from 'uuid';
import type { z } from 'zod';
import type { Database, Transaction } from '#db/client.ts';
import { passkeys } from '#db/schema/factors.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { senderFor } from '#lib/notifications/queue/enqueue.ts';
import {
  type Person,
  type ProofNeeded,
  type Refusal,
  SIGNED_OUT,
} from '#lib/platform/authorization/roles.ts';
import { finishChange, firstRecoveryCodes } from './finish-change.ts';
import { MOST_PASSKEYS } from './limits.ts';
import { holdAsking } from './lock-actor.ts';
import { keepChallenge, spendChallenge } from './passkey-challenges.ts';
import { type CreationOptions, creationOptions, type NewCredential, readAttestation } from './passkeys.ts';
import type { addPasskeySchema } from './schema.ts';

/** Asks an authenticator to make a passkey, on none that holds one of this person's already. */
export async function startPasskey(
  database: Database,
  person: Person,
): Promise<{ ok: true; challengeId: string; options: CreationOptions } | ProofNeeded> {
  if (!person.provenRecently) return { ok: false, reason: 'proof_needed' };
  const { userId } = person;
  const present = await database
    .select({ credentialId: passkeys.credentialId, transports: passkeys.transports })
    .from(passkeys)
    .where(eq(passkeys.userId, userId));
  const options = await creationOptions(person, present);
  const challengeId = await keepChallenge(database, {
    purpose: 'register',
    userId,
    challenge: options.challenge,
  });
  return { ok: true, challengeId, options };
}

export type PasskeyAdded =
  /** `recoveryCodes`: shown now or never; null where the person has some from before. */
  | { ok: true; recoveryCodes: string[] | null }
  | { ok: false; reason: 'refused' | 'known' | 'too_many' }
  | ProofNeeded
  | Refusal;

async function insertPasskey(
  transaction: Transaction,
  sender: PgBoss,
  person: Person,
  { name, credential }: { name: string; credential: NewCredential },
): Promise<PasskeyAdded> {
  const { userId } = person;
  const held = await holdAsking(transaction, person);
  if (!held) return SIGNED_OUT;
  if (held.passkeyCount >= MOST_PASSKEYS) return { ok: false, reason: 'too_many' };
  const inserted = await transaction
    .insert(passkeys)
    .values({ id: uuidv7(), userId, name, ...credential })
    .onConflictDoNothing({ target: passkeys.credentialId })
    .returning({ id: passkeys.id });
  if (inserted.length === 0) return { ok: false, reason: 'known' };
  const recoveryCodes = await firstRecoveryCodes(transaction, person, held);
  const change = { act: 'passkey.added', notice: 'passkey_added', details: { name } } as const;
  await finishChange(transaction, sender, person, change);
  return { ok: true, recoveryCodes };
}

/** Keeps the passkey that an authenticator has made. The challenge is spent before anything is looked at. */
export async function addPasskey(
  database: Database,
  person: Person,
  { challengeId, response, name }: z.infer<typeof addPasskeySchema>,
): Promise<PasskeyAdded> {
  if (!person.provenRecently) return { ok: false, reason: 'proof_needed' };
  const { userId } = person;
  const challenge = await spendChallenge(database, { id: challengeId, purpose: 'register', userId });
  const credential = challenge ? await readAttestation(response, challenge) : null;
  if (!credential) return { ok: false, reason: 'refused' };
  const sender = await senderFor(database.$client);
  return withTransaction(database, (transaction) =>
    insertPasskey(transaction, sender, person, { name, credential }),
  );
}
