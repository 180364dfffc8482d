import { eq } from 'drizzle-orm';
import type { PgBoss } from 'pg-boss';
import { v7 as uuidv7 } from 'uuid';
import type { z } from 'zod';
import type { Database, Transaction } from '#db/client.ts';
import { passkeys } from '#db/schema/factors.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { getQueue } from '#lib/notifications/queue/queue-message.ts';
import {
  type CurrentUser,
  type ReauthenticationRequired,
  type Refusal,
  SIGNED_OUT,
} from '#lib/platform/authorization/roles.ts';
import { finishFactorChange, generateFirstRecoveryCodes } from './finish-factor-change.ts';
import { lockActor } from './lock-actor.ts';
import { consumeChallenge, storeChallenge } from './passkey-challenges.ts';
import {
  type CreationOptions,
  generateCreationOptions,
  type NewCredential,
  verifyRegistration,
} from './passkeys.ts';
import type { addPasskeySchema } from './schema.ts';

const MAX_PASSKEYS = 20;

/** Starts the registration of a passkey. Excludes authenticators that already have a passkey of this user. */
export async function beginPasskeyRegistration(
  database: Database,
  user: CurrentUser,
): Promise<{ ok: true; challengeId: string; options: CreationOptions } | ReauthenticationRequired> {
  if (!user.hasRecentAuth) return { ok: false, reason: 'reauthentication_required' };
  const { userId } = user;
  const existing = await database
    .select({ credentialId: passkeys.credentialId, transports: passkeys.transports })
    .from(passkeys)
    .where(eq(passkeys.userId, userId));
  const options = await generateCreationOptions(user, existing);
  const challengeId = await storeChallenge(database, {
    purpose: 'register',
    userId,
    challenge: options.challenge,
  });
  return { ok: true, challengeId, options };
}

export type AddPasskeyResult =
  /** `recoveryCodes`: shown only once; null if the user already had a second factor. */
  | { ok: true; recoveryCodes: string[] | null }
  | { ok: false; reason: 'verification_failed' | 'already_registered' | 'too_many_passkeys' }
  | ReauthenticationRequired
  | Refusal;

async function insertPasskey(
  transaction: Transaction,
  queue: PgBoss,
  user: CurrentUser,
  { name, credential }: { name: string; credential: NewCredential },
): Promise<AddPasskeyResult> {
  const { userId } = user;
  const lockedUser = await lockActor(transaction, user);
  if (!lockedUser) return SIGNED_OUT;
  if (lockedUser.passkeyCount >= MAX_PASSKEYS) return { ok: false, reason: 'too_many_passkeys' };
  const inserted = await transaction
    .insert(passkeys)
    .values({ id: uuidv7(), userId, name, ...credential })
    .onConflictDoNothing({ target: passkeys.credentialId })
    .returning({ id: passkeys.id });
  if (inserted.length === 0) return { ok: false, reason: 'already_registered' };
  const recoveryCodes = await generateFirstRecoveryCodes(transaction, user, lockedUser);
  const change = { action: 'passkey.added', notice: 'passkey_added', details: { name } } as const;
  await finishFactorChange(transaction, queue, user, change);
  return { ok: true, recoveryCodes };
}

/** Verifies and stores a passkey that an authenticator has created. Consumes the challenge first. */
export async function addPasskey(
  database: Database,
  user: CurrentUser,
  { challengeId, response, name }: z.infer<typeof addPasskeySchema>,
): Promise<AddPasskeyResult> {
  if (!user.hasRecentAuth) return { ok: false, reason: 'reauthentication_required' };
  const { userId } = user;
  const challenge = await consumeChallenge(database, { id: challengeId, purpose: 'register', userId });
  const credential = challenge ? await verifyRegistration(response, challenge) : null;
  if (!credential) return { ok: false, reason: 'verification_failed' };
  const queue = await getQueue(database.$client);
  return withTransaction(database, (transaction) =>
    insertPasskey(transaction, queue, user, { name, credential }),
  );
}
