import { and, eq } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Database, Transaction } from '#db/client.ts';
import { sessions } from '#db/schema/sessions.ts';
import { users } from '#db/schema/users.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAct } from '#lib/audit/record.ts';
import { foldEmail } from '#lib/users/email.ts';
import { BusyError } from './gate.ts';
import { hashPassword, isOutdated, isPassword } from './password.ts';
import { type Attempt, spendAttempt } from './sign-in-throttle.ts';
import { endSessionIn } from './sign-out.ts';

export type SignIn = {
  email: string;
  password: string;
  /** The client's IP address. */
  address: string;
  /** The session that this browser has already, if any: it ends. */
  formerSessionId?: string | null;
};

export type SignedIn =
  | { ok: true; sessionId: string }
  | { ok: false; reason: 'wrong' | 'busy' }
  | { ok: false; reason: 'throttled'; retryAfterSeconds: number };

type Account = { id: string; passwordHash: string };

/** Only where nothing has changed since the password was compared: a person made inactive meanwhile gets nothing. */
async function openSession(
  transaction: Transaction,
  account: Account,
  newHash: string | null,
): Promise<string | null> {
  const unchanged = and(
    eq(users.id, account.id),
    eq(users.active, true),
    eq(users.passwordHash, account.passwordHash),
  );
  const [person] = await transaction.select({ id: users.id }).from(users).where(unchanged).for('update');
  if (!person) return null;
  if (newHash) await transaction.update(users).set({ passwordHash: newHash }).where(eq(users.id, person.id));
  const sessionId = uuidv7();
  await transaction.insert(sessions).values({ id: sessionId, userId: person.id });
  return sessionId;
}

/** Compares, opens a session where the password is right, and puts the outcome on record either way. */
async function compareAndOpen(database: Database, input: SignIn): Promise<SignedIn> {
  const [account] = await database
    .select({ id: users.id, passwordHash: users.passwordHash })
    .from(users)
    .where(eq(users.emailFolded, foldEmail(input.email)));
  const { id: userId = null, passwordHash = null } = account ?? {};
  const isRight = await isPassword(passwordHash, input.password);
  const found = isRight && userId && passwordHash ? { id: userId, passwordHash } : null;
  const newHash = found && isOutdated(found.passwordHash) ? await hashPassword(input.password) : null;
  return withTransaction(database, async (transaction) => {
    const sessionId = found ? await openSession(transaction, found, newHash) : null;
    const event = { userId, address: input.address, outcome: sessionId ? 'done' : 'refused' } as const;
    recordAct(transaction, sessionId ? 'sign_in.succeeded' : 'sign_in.failed', event);
    if (!sessionId) return { ok: false, reason: 'wrong' };
    if (input.formerSessionId) {
      await endSessionIn(transaction, input.formerSessionId, 'replaced', input.address);
    }
    return { ok: true, sessionId };
  });
}

async function settle(attempt: Attempt, result: SignedIn): Promise<void> {
  if (result.ok || result.reason === 'busy') await attempt.giveBack();
  if (result.ok) await attempt.remember();
}

/**
 * Signs someone in by email address and password. The try is spent before the password is compared, and given
 * back when it was right. An address that nobody has, a wrong password and a person who may no longer sign in
 * get one answer, after the same work.
 * @throws when the database fails: nobody is signed in then
 */
export async function signIn(database: Database, input: SignIn): Promise<SignedIn> {
  const attempt = await spendAttempt(database.$client, input);
  if (!attempt.ok) return { ok: false, reason: 'throttled', retryAfterSeconds: attempt.retryAfterSeconds };
  const result = await compareAndOpen(database, input).catch((error: unknown): SignedIn => {
    if (error instanceof BusyError) return { ok: false, reason: 'busy' };
    throw error;
  });
  await settle(attempt, result);
  return result;
}
