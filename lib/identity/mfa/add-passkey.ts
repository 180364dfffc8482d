import { eq } from 'drizzle-orm';
import type { PgBoss } from 'pg-boss';
import { v7 as uuidv7 } from 'uuid';
import type { z } from 'zod';
import type { Database, Transaction } from '#db/client.ts';
import { passkeys } from '#db/schema/factors.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { queueFor } from '#lib/notifications/queue/enqueue.ts';
import {
  type CurrentUser,
  type ReauthenticationRequired,
  type Refusal,
  SIGNED_OUT,
} from '#lib/platform/authorization/roles.ts';
import { finishChange, firstRecoveryCodes } from './finish-change.ts';
import { MAX_PASSKEYS } from './limits.ts';
import { lockActor } from './lock-actor.ts';
import { consumeChallenge, storeChallenge } from './passkey-challenges.ts';
import { type CreationOptions, creationOptions, type NewCredential, readAttestation } from './passkeys.ts';
import type { addPasskeySchema } from './schema.ts';

/** Asks an authenticator to make a passkey, on none that holds one of this person's already. */
export async function startPasskey(
  database: Database,
  person: CurrentUser,
): Promise<{ ok: true; challengeId: string; options: CreationOptions } | ReauthenticationRequired> {
  if (!person.hasRecentAuth) return { ok: false, reason: 'reauthentication_required' };
  const { userId } = person;
  const present = await database
    .select({ credentialId: passkeys.credentialId, transports: passkeys.transports })
    .from(passkeys)
    .where(eq(passkeys.userId, userId));
  const options = await creationOptions(person, present);
  const challengeId = await storeChallenge(database, {
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
  | ReauthenticationRequired
  | Refusal;

async function insertPasskey(
  transaction: Transaction,
  sender: PgBoss,
  person: CurrentUser,
  { name, credential }: { name: string; credential: NewCredential },
): Promise<PasskeyAdded> {
  const { userId } = person;
  const held = await lockActor(transaction, person);
  if (!held) return SIGNED_OUT;
  if (held.passkeyCount >= MAX_PASSKEYS) return { ok: false, reason: 'too_many' };
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
  person: CurrentUser,
  { challengeId, response, name }: z.infer<typeof addPasskeySchema>,
): Promise<PasskeyAdded> {
  if (!person.hasRecentAuth) return { ok: false, reason: 'reauthentication_required' };
  const { userId } = person;
  const challenge = await consumeChallenge(database, { id: challengeId, purpose: 'register', userId });
  const credential = challenge ? await readAttestation(response, challenge) : null;
  if (!credential) return { ok: false, reason: 'refused' };
  const sender = await queueFor(database.$client);
  return withTransaction(database, (transaction) =>
    insertPasskey(transaction, sender, person, { name, credential }),
  );
}
