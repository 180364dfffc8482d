import { eq } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { users } from '#db/schema/users.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { lockActor } from '#lib/identity/mfa/lock-actor.ts';
import { reauthenticate } from '#lib/identity/mfa/reauthenticate.ts';
import { queueMessage } from '#lib/notifications/delivery/queue-message.ts';
import { queueFor } from '#lib/notifications/queue/enqueue.ts';
import { type CurrentUser, type Refusal, SIGNED_OUT } from '#lib/platform/authorization/roles.ts';
import { createRateLimiter } from '#lib/platform/rate-limiter/rate-limiter.ts';
import { checkPasswordFor, hasFactorNow } from './check-for.ts';
import type { PasswordRefused } from './schema.ts';
import { hashInTurn, setPassword } from './set.ts';

/** Each is a hash to compute, and an email in the person's inbox. */
const CHANGES = { name: 'password-change', points: 10, seconds: 60 * 60 };

export type PasswordChanged =
  | { ok: true }
  | PasswordRefused
  /** It is what was given as the present one. */
  | { ok: false; reason: 'same' }
  /** The present password is another one, or there is none. */
  | { ok: false; reason: 'present_wrong' }
  /** Too many are waiting. */
  | { ok: false; reason: 'busy' }
  | { ok: false; reason: 'throttled'; retryAfterSeconds: number }
  | Refusal;

const PRESENT_WRONG = { ok: false, reason: 'present_wrong' } as const;

/** Where a session was ended meanwhile, the password was right or wrong: nobody is told which. */
async function refusePresent(database: Database, person: CurrentUser): Promise<PasswordChanged> {
  const held = await withTransaction(database, (transaction) => lockActor(transaction, person));
  return held ? PRESENT_WRONG : SIGNED_OUT;
}

async function readHash(database: Database, userId: string): Promise<string | null> {
  const [user] = await database.select({ hash: users.passwordHash }).from(users).where(eq(users.id, userId));
  return user?.hash ?? null;
}

/**
 * Changes the password of whoever knows the present one (OWASP ASVS 5.0, 6.2.3): their other sessions end, and so does
 * every sign-in that was begun with the old one. At most ten times an hour. It is hashed before the transaction, and
 * checked again in it: their factors may have changed meanwhile.
 */
export async function changePassword(
  database: Database,
  person: CurrentUser,
  { present, password }: { present: string; password: string },
): Promise<PasswordChanged> {
  const { userId, sessionId, address } = person;
  const checked = checkPasswordFor({ ...person, hasFactor: await hasFactorNow(database, userId) }, password);
  if (!checked.ok) return checked;
  if (password === present) return { ok: false, reason: 'same' };
  const before = await readHash(database, userId);
  const proven = await reauthenticate(database, person, { kind: 'password', password: present });
  if (!proven.ok && proven.reason === 'throttled') return proven;
  if (!proven.ok && proven.reason === 'busy') return { ok: false, reason: 'busy' };
  if (!proven.ok) return refusePresent(database, person);
  const throttle = createRateLimiter(database.$client, CHANGES);
  const turn = await throttle.take(userId);
  if (!turn.ok) return { ...turn, reason: 'throttled' };
  const hash = await hashInTurn(password);
  if (!hash) await throttle.giveBack(userId);
  if (!hash) return { ok: false, reason: 'busy' };
  const sender = await queueFor(database.$client);
  return withTransaction(database, async (transaction): Promise<PasswordChanged> => {
    const held = await lockActor(transaction, person);
    if (!held) return SIGNED_OUT;
    // Another change was faster: what was given is not the present one any more.
    if (held.passwordHash !== before) return PRESENT_WRONG;
    const again = checkPasswordFor({ ...person, email: held.email, hasFactor: held.factors > 0 }, password);
    if (!again.ok) return again;
    const sessionsEnded = await setPassword(transaction, userId, { password, hash, keepSession: sessionId });
    recordAuditEvent(transaction, 'password.changed', { userId, address, details: { sessionsEnded } });
    await queueMessage(transaction, sender, {
      kind: 'security_notice',
      userId,
      notice: 'password_changed',
    });
    return { ok: true };
  });
}
