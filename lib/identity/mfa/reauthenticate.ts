import { eq } from 'drizzle-orm';
import type { Database, Transaction } from '#db/client.ts';
import { users } from '#db/schema/users.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { verifyPassword } from '#lib/identity/passwords/hash.ts';
import { BusyError } from '#lib/identity/passwords/semaphore.ts';
import { renewRecentAuth } from '#lib/identity/sessions/renew-recent-auth.ts';
import { consumeSignInAttempt } from '#lib/identity/sign-in/rate-limits.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { checkPasskey } from './check-passkey.ts';
import { checkTotp } from './check-totp.ts';
import { consumeCodeAttempt } from './code-rate-limit.ts';
import { lockActor } from './lock-actor.ts';
import { lockUser } from './lock-user.ts';
import { type ReauthInput, readTotpCode } from './schema.ts';
import type { Take } from './take.ts';

export type ReauthResult =
  | { ok: true }
  | { ok: false; reason: 'malformed' | 'wrong' | 'busy' }
  | { ok: false; reason: 'throttled'; retryAfterSeconds: number };

/** Compares a password; it has to be the person's still when it is taken. */
async function checkPassword(database: Database, userId: string, password: string): Promise<Take | null> {
  const [person] = await database
    .select({ passwordHash: users.passwordHash })
    .from(users)
    .where(eq(users.id, userId));
  const passwordHash = person?.passwordHash ?? null;
  if (!(await verifyPassword(passwordHash, password))) return null;
  return async (transaction) => (await lockUser(transaction, userId))?.passwordHash === passwordHash;
}

/** `spent`: whether the try cost anything, a turn of a throttle or a challenge. */
async function check(
  database: Database,
  { userId }: CurrentUser,
  proof: ReauthInput,
): Promise<{ spent: boolean; take: Take | null }> {
  switch (proof.kind) {
    case 'password':
      return { spent: true, take: await checkPassword(database, userId, proof.password) };
    case 'totp':
      return { spent: true, take: await checkTotp(database, userId, proof.code) };
    case 'passkey': {
      const { spent, found } = await checkPasskey(database, { purpose: 'prove', userId }, proof);
      return { spent, take: found?.take ?? null };
    }
  }
}

/** The try that a guess costs: as at sign-in for a password, and as in its second step for a code. */
function spendTry(database: Database, { userId, email, address }: CurrentUser, proof: ReauthInput) {
  const nothing = { ok: true, giveBack: async () => {} } as const;
  if (proof.kind === 'passkey') return nothing;
  if (proof.kind === 'totp') return consumeCodeAttempt(database.$client, userId);
  return consumeSignInAttempt(database.$client, { email, address });
}

/** The proof counts from now on, where the session is alive and the person may sign in. */
async function takeProof(transaction: Transaction, person: CurrentUser, take: Take): Promise<boolean> {
  if (!(await lockActor(transaction, person)) || !(await take(transaction))) return false;
  return renewRecentAuth(transaction, person.sessionId);
}

/**
 * Proves anew who somebody is who is signed in: what hands out keys, or changes how somebody signs in, asks for a
 * proof that is less than 15 minutes old (`Person.hasRecentAuth`). Any one thing that the person has will do. The try
 * is spent before it is compared, and given back when it was right.
 */
export async function reauthenticate(
  database: Database,
  person: CurrentUser,
  proof: ReauthInput,
): Promise<ReauthResult> {
  if (proof.kind === 'totp' && !readTotpCode(proof.code)) return { ok: false, reason: 'malformed' };
  const attempt = await spendTry(database, person, proof);
  if (!attempt.ok) return { ok: false, reason: 'throttled', retryAfterSeconds: attempt.retryAfterSeconds };
  try {
    const { spent, take } = await check(database, person, proof);
    // A made-up challenge costs nothing, and may not fill the audit log.
    if (!spent) return { ok: false, reason: 'wrong' };
    const { userId, address } = person;
    const given = await withTransaction(database, async (transaction) => {
      const renewed = take !== null && (await takeProof(transaction, person, take));
      const details = { method: proof.kind };
      const outcome = renewed ? 'done' : 'refused';
      recordAuditEvent(transaction, renewed ? 'proof.given' : 'proof.failed', {
        userId,
        address,
        outcome,
        details,
      });
      return renewed;
    });
    if (given) await attempt.giveBack();
    return given ? { ok: true } : { ok: false, reason: 'wrong' };
  } catch (error) {
    if (!(error instanceof BusyError)) throw error;
    await attempt.giveBack();
    return { ok: false, reason: 'busy' };
  }
}
