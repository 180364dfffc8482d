import { and, eq, exists, isNotNull, or, sql } from 'drizzle-orm';
import type { Database, Transaction } from '#db/client.ts';
import { passkeys } from '#db/schema/factors.ts';
import { users } from '#db/schema/users.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { type LockedUser, lockUser } from '#lib/identity/mfa/lock-user.ts';
import { countRecoveryCodes } from '#lib/identity/mfa/recovery-codes.ts';
import type { SecondFactor } from '#lib/identity/mfa/schema.ts';
import { hashPassword, needsRehash, verifyPassword } from '#lib/identity/passwords/hash.ts';
import { standsAlone } from '#lib/identity/passwords/schema.ts';
import { BusyError } from '#lib/identity/passwords/semaphore.ts';
import { type Arrival, startSession } from '#lib/identity/sessions/start-session.ts';
import { foldEmail } from '#lib/identity/users/email.ts';
import { beginSecondStep } from './pending-sign-in.ts';
import {
  type Attempt,
  consumeSecondStepAttempt,
  consumeSignInAttempt,
  rememberSignIn,
} from './rate-limits.ts';

export type SignIn = { email: string; password: string } & Arrival;

export type SignedIn =
  | { ok: true; sessionId: string }
  /** The password was right, and the person has more: `completeSecondStep` goes on with the `pendingId`. */
  | { ok: false; reason: 'second_factor'; pendingId: string; factors: SecondFactor[] }
  | { ok: false; reason: 'wrong' }
  | { ok: false; reason: 'busy' }
  | { ok: false; reason: 'throttled'; retryAfterSeconds: number };

type Account = { id: string; passwordHash: string };

async function askForSecondFactor(
  transaction: Transaction,
  held: LockedUser,
  { address }: Arrival,
): Promise<SignedIn> {
  const userId = held.id;
  const factors: SecondFactor[] = [];
  if (held.passkeyCount > 0) factors.push('passkey');
  if (held.totpConfirmedAt) factors.push('totp');
  if ((await countRecoveryCodes(transaction, userId)) > 0) factors.push('recovery');
  recordAuditEvent(transaction, 'sign_in.second_factor_asked', { userId, address });
  return {
    ok: false,
    reason: 'second_factor',
    pendingId: await beginSecondStep(transaction, userId),
    factors,
  };
}

/**
 * Only where nothing has changed since the password was compared: a person made inactive meanwhile gets nothing. And
 * only where there is no second factor, which a person may have set up meanwhile.
 */
async function openSession(
  transaction: Transaction,
  account: Account,
  newHash: string | null,
  input: SignIn,
): Promise<SignedIn | null> {
  const held = await lockUser(transaction, account.id);
  if (!held?.active || held.passwordHash !== account.passwordHash) return null;
  const passwordStandsAlone = standsAlone(input.password);
  if (newHash || held.passwordStandsAlone !== passwordStandsAlone) {
    await transaction
      .update(users)
      .set({ passwordHash: newHash ?? held.passwordHash, passwordStandsAlone })
      .where(eq(users.id, held.id));
  }
  if (held.factors > 0) return askForSecondFactor(transaction, held, input);
  return { ok: true, sessionId: await startSession(transaction, held.id, 'password', input) };
}

/** Who has the address, and whether a right password leads them to a second step. */
async function findAccount(database: Database, email: string) {
  const theirs = database.select({ id: passkeys.id }).from(passkeys).where(eq(passkeys.userId, users.id));
  const hasFactor = or(isNotNull(users.totpConfirmedAt), exists(theirs));
  const [account] = await database
    .select({
      id: users.id,
      passwordHash: users.passwordHash,
      secondStep: sql<boolean>`${and(users.active, hasFactor)}`,
    })
    .from(users)
    .where(eq(users.emailFolded, foldEmail(email)));
  return account;
}

/** Compares, opens a session where the password is right and all there is, and puts the outcome on record either way. */
async function compareAndOpen(database: Database, input: SignIn): Promise<SignedIn> {
  const account = await findAccount(database, input.email);
  const { id: userId = null, passwordHash = null } = account ?? {};
  const isRight = await verifyPassword(passwordHash, input.password);
  const found = isRight && userId && passwordHash ? { id: userId, passwordHash } : null;
  // Before the transaction, since a throttle has a connection of its own.
  const turn = found && account?.secondStep ? await consumeSecondStepAttempt(database.$client, input) : null;
  if (turn && !turn.ok) return { ok: false, reason: 'throttled', retryAfterSeconds: turn.retryAfterSeconds };
  const newHash = found && needsRehash(found.passwordHash) ? await hashPassword(input.password) : null;
  return withTransaction(database, async (transaction) => {
    const opened = found && (await openSession(transaction, found, newHash, input));
    if (opened) return opened;
    const failed = {
      userId: null,
      targetUserId: userId,
      address: input.address,
      outcome: 'refused',
    } as const;
    recordAuditEvent(transaction, 'sign_in.failed', failed);
    return { ok: false, reason: 'wrong' };
  });
}

async function settle(database: Database, input: SignIn, attempt: Attempt, result: SignedIn): Promise<void> {
  if (result.ok || result.reason === 'busy' || result.reason === 'second_factor') await attempt.giveBack();
  if (result.ok) await rememberSignIn(database.$client, input);
}

/**
 * Signs someone in by email address and password, or begins to, where they have a second factor. The try is spent
 * before the password is compared, and given back when it was right. An address that nobody has, a wrong password and
 * a person who may no longer sign in get one answer, after the same work.
 * @throws when the database fails: nobody is signed in then
 */
export async function signIn(database: Database, input: SignIn): Promise<SignedIn> {
  const attempt = await consumeSignInAttempt(database.$client, input);
  if (!attempt.ok) return { ok: false, reason: 'throttled', retryAfterSeconds: attempt.retryAfterSeconds };
  const result = await compareAndOpen(database, input).catch((error: unknown): SignedIn => {
    if (error instanceof BusyError) return { ok: false, reason: 'busy' };
    throw error;
  });
  await settle(database, input, attempt, result);
  return result;
}
