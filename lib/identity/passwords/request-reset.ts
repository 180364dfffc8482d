import { setTimeout as delay } from 'node:timers/promises';
import { and, eq, isNotNull } from 'drizzle-orm';
import type pg from 'pg';
import type { Database } from '#db/client.ts';
import { users } from '#db/schema/users.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { startUserLink } from '#lib/identity/email-links/start.ts';
import { lockUser } from '#lib/identity/mfa/lock-user.ts';
import { accountHere, isKnownHere } from '#lib/identity/sign-in/rate-limits.ts';
import { foldEmail } from '#lib/identity/users/email.ts';
import { queueFor } from '#lib/notifications/queue/enqueue.ts';
import { addressBlock } from '#lib/platform/http/address-block.ts';
import { log } from '#lib/platform/log.ts';
import { createRateLimiter } from '#lib/platform/rate-limiter/rate-limiter.ts';

const HOUR = 60 * 60;
/** Many people may share an address: an office, a proxy. */
const ADDRESS = { name: 'password-reset-address', points: 30, seconds: HOUR };
/** Each is an email in somebody's inbox. Addresses that nobody has count alike. */
const ACCOUNT = { name: 'password-reset-account', points: 5, seconds: HOUR };
/** Apart from those, where somebody has signed in within 30 days: no stranger uses these up. */
const KNOWN = { name: 'password-reset-known', points: 5, seconds: HOUR };
/** An answer leaves no sooner: so long, most links have been begun, and their work slows no other answer down. */
const ANSWER_AFTER_MS = 400;

export type ResetRequested = { ok: true } | { ok: false; reason: 'throttled'; retryAfterSeconds: number };

type Asked = { email: string; address: string };

/** `send`: whether a link may go out. Where it may not, nobody is told: a stranger could have used the emails up. */
type Turn = { answer: ResetRequested; send: boolean };

async function takeTurn(pool: pg.Pool, asked: Asked): Promise<Turn> {
  const here = await createRateLimiter(pool, ADDRESS).take(addressBlock(asked.address));
  if (!here.ok) return { answer: { ...here, reason: 'throttled' }, send: false };
  const isKnown = await isKnownHere(pool, asked);
  const [limit, key] = isKnown ? [KNOWN, accountHere(asked)] : [ACCOUNT, foldEmail(asked.email)];
  return { answer: here, send: (await createRateLimiter(pool, limit).take(key)).ok };
}

/** Only for somebody who may sign in, and does so with a password. */
async function startReset(database: Database, { email, address }: Asked): Promise<void> {
  const sender = await queueFor(database.$client);
  const mayReset = and(
    eq(users.emailFolded, foldEmail(email)),
    eq(users.active, true),
    isNotNull(users.passwordHash),
  );
  const [found] = await database.select({ id: users.id }).from(users).where(mayReset);
  if (!found) return;
  const userId = found.id;
  await withTransaction(database, async (transaction) => {
    await lockUser(transaction, userId);
    // Asked again, since all of it may have changed while somebody else held the row.
    if ((await transaction.$count(users, and(eq(users.id, userId), mayReset))) === 0) return;
    await startUserLink(transaction, sender, { userId, purpose: 'password_reset', createdBy: null });
    recordAuditEvent(transaction, 'password.reset_asked', { userId: null, targetUserId: userId, address });
  });
}

/** `begun`: the answer, which tells nothing of the work; `done`: the work is over, whatever became of it. */
type ResetBegun = { begun: Promise<ResetRequested>; done: Promise<void> };

/**
 * Sends somebody who has forgotten their password a link to set a new one. The answer, and the time that it takes, are
 * alike whether or not anybody has this address (OWASP ASVS 5.0, 6.3.8): it does not wait for the link, and a link that
 * could not be begun is told to the log alone.
 * @param answerAfterMs for tests
 */
export function requestPasswordReset(
  database: Database,
  asked: Asked,
  answerAfterMs = ANSWER_AFTER_MS,
): ResetBegun {
  const turn = takeTurn(database.$client, asked);
  const begun = Promise.all([turn, delay(answerAfterMs)]).then(([{ answer }]) => answer);
  const done = turn.then(
    ({ send }) => (send ? startReset(database, asked) : undefined),
    // The answer throws it.
    () => undefined,
  );
  return {
    begun,
    done: done.catch((error: unknown) => log.error('password_reset.not_begun', error)),
  };
}
