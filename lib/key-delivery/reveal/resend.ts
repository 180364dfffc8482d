import { and, eq, gt, isNull, lt, type SQL, sql } from 'drizzle-orm';
import type { PgBoss } from 'pg-boss';
import type { Database, Transaction } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { reveals } from '#db/schema/reveals.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { dropQueuedMessages } from '#lib/notifications/delivery/queued-message.ts';
import { queueFor, queueMessage } from '#lib/notifications/queue/queue-message.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import {
  ATTEMPTS_PER_LINK,
  CODE_MINUTES,
  RESENDS_PER_LINK,
  SECONDS_BETWEEN_CODES,
  SECONDS_BETWEEN_EMAILS,
} from './limits.ts';
import type { ResendPartResult, ResendRequest, ResendResult } from './schema.ts';

/**
 * Locks the account and returns the id of its current reveal.
 * Without this lock, the second update of the reveal would lock the account after the reveal and could deadlock:
 * PostgreSQL checks the foreign key of a row that the transaction itself has written.
 */
async function lockAccount(transaction: Transaction, accountId: string): Promise<string | null> {
  const [account] = await transaction
    .select({ revealId: apiAccounts.revealId })
    .from(apiAccounts)
    .where(eq(apiAccounts.id, accountId))
    .for('update');
  return account?.revealId ?? null;
}

/** Matches the reveal's row while the reveal is open. */
const isOpen = (revealId: string, ...more: SQL[]) =>
  and(
    eq(reveals.id, revealId),
    isNull(reveals.endedAt),
    gt(reveals.expiresAt, sql`now()`),
    lt(reveals.linkAttempts, ATTEMPTS_PER_LINK),
    ...more,
  );

const hasElapsed = (column: typeof reveals.emailQueuedAt | typeof reveals.codeIssuedAt, seconds: number) =>
  sql`${column} <= now() - make_interval(secs => ${seconds})`;

/** Consumes an email resend, if one is left and the last email is long enough ago. */
async function consumeEmailResend(transaction: Transaction, revealId: string): Promise<boolean> {
  const consumed = await transaction
    .update(reveals)
    .set({ emailsResent: sql`${reveals.emailsResent} + 1`, emailQueuedAt: sql`now()` })
    .where(
      isOpen(
        revealId,
        lt(reveals.emailsResent, RESENDS_PER_LINK),
        hasElapsed(reveals.emailQueuedAt, SECONDS_BETWEEN_EMAILS),
      ),
    )
    .returning({ id: reveals.id });
  return consumed.length > 0;
}

/** Locks the reveal if an SMS resend is allowed, and returns the next code's generation. */
async function lockForNextCode(transaction: Transaction, revealId: string): Promise<number | null> {
  const [reveal] = await transaction
    .select({ codeGeneration: reveals.codeGeneration })
    .from(reveals)
    .where(
      isOpen(
        revealId,
        lt(reveals.smsResent, RESENDS_PER_LINK),
        hasElapsed(reveals.codeIssuedAt, SECONDS_BETWEEN_CODES),
      ),
    )
    .for('update');
  return reveal ? reveal.codeGeneration + 1 : null;
}

/** Makes the generation current, which invalidates the previous code. Attempts on the link are not reset. */
async function issueCode(transaction: Transaction, revealId: string, codeGeneration: number): Promise<void> {
  await transaction
    .update(reveals)
    .set({
      codeGeneration,
      codeAttempts: 0,
      smsResent: sql`${reveals.smsResent} + 1`,
      codeIssuedAt: sql`now()`,
      codeExpiresAt: sql`now() + make_interval(mins => ${CODE_MINUTES})`,
    })
    .where(eq(reveals.id, revealId));
}

/** Reads the seconds until each message can be resent, and the resends so far; undefined if the reveal has ended. */
async function readWaits(transaction: Transaction, revealId: string) {
  const secondsUntil = (
    column: typeof reveals.emailQueuedAt | typeof reveals.codeIssuedAt,
    seconds: number,
  ) =>
    sql<number>`greatest(1, ceil(extract(epoch from ${column} + make_interval(secs => ${seconds}) - now())))::int`;
  const [waits] = await transaction
    .select({
      email: secondsUntil(reveals.emailQueuedAt, SECONDS_BETWEEN_EMAILS),
      text: secondsUntil(reveals.codeIssuedAt, SECONDS_BETWEEN_CODES),
      emailsResent: reveals.emailsResent,
      smsResent: reveals.smsResent,
    })
    .from(reveals)
    .where(isOpen(revealId));
  return waits;
}

type Waits = NonNullable<Awaited<ReturnType<typeof readWaits>>>;

function explainRefusal(resends: number, seconds: number): ResendPartResult {
  return resends >= RESENDS_PER_LINK
    ? { sent: false, reason: 'none_left' }
    : { sent: false, reason: 'too_soon', seconds };
}

const explainEmailRefusal = ({ emailsResent, email }: Waits) => explainRefusal(emailsResent, email);
const explainSmsRefusal = ({ smsResent, text }: Waits) => explainRefusal(smsResent, text);

type ResendContext = { transaction: Transaction; queue: PgBoss; revealId: string };

/** Resends the email; returns null if a limit forbids it. */
async function resendEmail({
  transaction,
  queue,
  revealId,
}: ResendContext): Promise<ResendPartResult | null> {
  if (!(await consumeEmailResend(transaction, revealId))) return null;
  await dropQueuedMessages(transaction, revealId, 'reveal_link');
  await queueMessage(transaction, queue, { kind: 'reveal_link', revealId });
  return { sent: true };
}

/**
 * Sends a new code by SMS; returns null if a limit forbids it.
 * An SMS that the SMS policy blocks consumes nothing, and the current code stays valid.
 */
async function resendSms({ transaction, queue, revealId }: ResendContext): Promise<ResendPartResult | null> {
  const codeGeneration = await lockForNextCode(transaction, revealId);
  if (codeGeneration === null) return null;
  const queued = await queueMessage(transaction, queue, { kind: 'code', revealId, codeGeneration });
  if (!queued.ok) return { sent: false, reason: 'refused', failure: queued.failure };
  await dropQueuedMessages(transaction, revealId, 'code', codeGeneration);
  await issueCode(transaction, revealId, codeGeneration);
  return { sent: true };
}

async function resend(
  context: ResendContext,
  by: { userId: string; accountId: string; address: string },
  what: ResendRequest,
): Promise<ResendResult> {
  const { transaction, revealId } = context;
  const email = what === 'text' ? null : await resendEmail(context);
  const text = what === 'email' ? null : await resendSms(context);
  if (email?.sent || text?.sent) {
    const details = { revealId, what: email?.sent && text?.sent ? 'both' : email?.sent ? 'email' : 'text' };
    recordAuditEvent(transaction, 'reveal.sent_again', { ...by, details });
  }
  const waits = await readWaits(transaction, revealId);
  if (!waits) return { ok: false, reason: 'not_in_progress' };
  const parts = {
    email: what === 'text' ? null : (email ?? explainEmailRefusal(waits)),
    text: what === 'email' ? null : (text ?? explainSmsRefusal(waits)),
  };
  const sent = parts.email?.sent === true || parts.text?.sent === true;
  return sent ? { ok: true, ...parts } : { ok: false, reason: 'not_sent', ...parts };
}

/**
 * Resends the email, the SMS or both of the account's open reveal: the same link, and a new code, which
 * invalidates the previous one. Emails are at least 60 seconds apart, SMS 30; each is resent at most five times.
 * Drops queued messages that the resend replaces, so that nothing is sent twice.
 *
 * Of several concurrent requests, only one sends.
 * @returns the result of each requested part; null for a part that was not requested
 */
export async function resendMessages(
  database: Database,
  administrator: Administrator,
  input: { id: string; what: ResendRequest },
): Promise<ResendResult> {
  const queue = await queueFor(database.$client);
  const { userId, address } = administrator;
  const by = { userId, accountId: input.id, address };
  return withTransaction(database, async (transaction) => {
    const revealId = await lockAccount(transaction, input.id);
    if (!revealId) return { ok: false, reason: 'not_in_progress' };
    return resend({ transaction, queue, revealId }, by, input.what);
  });
}
