import { eq } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { users } from '#db/schema/users.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAct } from '#lib/audit/record.ts';
import { BusyError } from '#lib/auth/gate.ts';
import { hashPassword, isPassword } from '#lib/auth/password.ts';
import { type Person, type ProofNeeded, type Refusal, SIGNED_OUT } from '#lib/auth/roles.ts';
import { queueMessage } from '#lib/deliveries/queue-message.ts';
import { holdAsking } from '#lib/factors/hold-asking.ts';
import { senderFor } from '#lib/queue/enqueue.ts';
import { createThrottle } from '#lib/throttles/throttle.ts';
import { checkPasswordFor, hasFactorNow } from './check-for.ts';
import type { PasswordRefused } from './schema.ts';
import { setPassword } from './set.ts';

/** Each is a hash to compute, and an email in the person's inbox. */
const CHANGES = { name: 'password-change', points: 10, seconds: 60 * 60 };

type NotHashed =
  /** It is the one that they have. */
  | { ok: false; reason: 'present' }
  /** Too many are waiting. */
  | { ok: false; reason: 'busy' };

export type PasswordChanged =
  | { ok: true }
  | PasswordRefused
  /** The person signs in without a password. */
  | { ok: false; reason: 'missing' }
  | NotHashed
  | { ok: false; reason: 'throttled'; retryAfterSeconds: number }
  | ProofNeeded
  | Refusal;

/** Hashes a new password, unless it is the present one: both are slow. */
async function hashAnother(
  database: Database,
  userId: string,
  password: string,
): Promise<{ ok: true; hash: string } | NotHashed> {
  const [person] = await database
    .select({ present: users.passwordHash })
    .from(users)
    .where(eq(users.id, userId));
  try {
    const isPresent = person?.present && (await isPassword(person.present, password));
    return isPresent ? { ok: false, reason: 'present' } : { ok: true, hash: await hashPassword(password) };
  } catch (error) {
    if (error instanceof BusyError) return { ok: false, reason: 'busy' };
    throw error;
  }
}

/**
 * Changes a person's own password to another one: their other sessions end, and so does every sign-in that was begun
 * with the old one. At most ten times an hour, tries with the present one among them, so that nobody guesses it here. It
 * is hashed before the transaction, and checked again in it: their factors may have changed meanwhile.
 */
export async function changePassword(
  database: Database,
  person: Person,
  { password }: { password: string },
): Promise<PasswordChanged> {
  if (!person.provenRecently) return { ok: false, reason: 'proof_needed' };
  const { userId, sessionId, address } = person;
  const checked = checkPasswordFor({ ...person, hasFactor: await hasFactorNow(database, userId) }, password);
  if (!checked.ok) return checked;
  const throttle = createThrottle(database.$client, CHANGES);
  const turn = await throttle.take(userId);
  if (!turn.ok) return { ...turn, reason: 'throttled' };
  const hashed = await hashAnother(database, userId, password);
  if (!hashed.ok) {
    if (hashed.reason === 'busy') await throttle.giveBack(userId);
    return hashed;
  }
  const { hash } = hashed;
  const sender = await senderFor(database.$client);
  return withTransaction(database, async (transaction): Promise<PasswordChanged> => {
    const held = await holdAsking(transaction, person);
    if (!held) return SIGNED_OUT;
    if (!held.passwordHash) return { ok: false, reason: 'missing' };
    const again = checkPasswordFor({ ...person, email: held.email, hasFactor: held.factors > 0 }, password);
    if (!again.ok) return again;
    const sessionsEnded = await setPassword(transaction, userId, { password, hash, keepSession: sessionId });
    recordAct(transaction, 'password.changed', { userId, address, details: { sessionsEnded } });
    await queueMessage(transaction, sender, {
      kind: 'security_notice',
      userId,
      notice: 'password_changed',
    });
    return { ok: true };
  });
}
