import { eq, lt, sql } from 'drizzle-orm';
import type { PgBoss } from 'pg-boss';
import type { Database, Transaction } from '#db/client.ts';
import { reveals } from '#db/schema/reveals.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { dropQueuedMessages } from '#lib/notifications/delivery/queued-message.ts';
import { getQueue, queueMessage } from '#lib/notifications/queue/queue-message.ts';
import { type Actor, type AuditActor, getAuditActor } from '#lib/platform/authorization/actor.ts';
import { withActorTransaction } from '#lib/platform/authorization/actor-transaction.ts';
import type { ReauthenticationRequired } from '#lib/platform/authorization/roles.ts';
import { lockAccount, matchesOpenReveal } from './current-reveal.ts';
import { CODE_MINUTES, RESENDS_PER_LINK, SECONDS_BETWEEN_CODES, SECONDS_BETWEEN_EMAILS } from './limits.ts';
import type { ResendPartResult, ResendRequest, ResendResult } from './schema.ts';

const hasElapsed = (column: typeof reveals.emailQueuedAt | typeof reveals.codeIssuedAt, seconds: number) =>
  sql`${column} <= now() - make_interval(secs => ${seconds})`;

/** Consumes an email resend, if one is left and the last email is long enough ago. */
async function consumeEmailResend(transaction: Transaction, revealId: string): Promise<boolean> {
  const updatedReveals = await transaction
    .update(reveals)
    .set({ emailsResent: sql`${reveals.emailsResent} + 1`, emailQueuedAt: sql`now()` })
    .where(
      matchesOpenReveal(
        revealId,
        lt(reveals.emailsResent, RESENDS_PER_LINK),
        hasElapsed(reveals.emailQueuedAt, SECONDS_BETWEEN_EMAILS),
      ),
    )
    .returning({ id: reveals.id });
  return updatedReveals.length > 0;
}

/** Locks the reveal if an SMS resend is allowed, and returns the next code's generation. */
async function lockForNextCode(transaction: Transaction, revealId: string): Promise<number | null> {
  const [reveal] = await transaction
    .select({ codeGeneration: reveals.codeGeneration })
    .from(reveals)
    .where(
      matchesOpenReveal(
        revealId,
        lt(reveals.smsResent, RESENDS_PER_LINK),
        hasElapsed(reveals.codeIssuedAt, SECONDS_BETWEEN_CODES),
      ),
    )
    .for('update');
  return reveal ? reveal.codeGeneration + 1 : null;
}

/** Issues the next code, which invalidates the previous one. Attempts on the link are not reset. */
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

/** Reads the seconds until each message can be resent, and the resends so far; undefined if the reveal is not open. */
async function readResendState(transaction: Transaction, revealId: string) {
  const secondsUntil = (
    column: typeof reveals.emailQueuedAt | typeof reveals.codeIssuedAt,
    seconds: number,
  ) =>
    sql<number>`greatest(1, ceil(extract(epoch from ${column} + make_interval(secs => ${seconds}) - now())))::int`;
  const [state] = await transaction
    .select({
      secondsUntilEmail: secondsUntil(reveals.emailQueuedAt, SECONDS_BETWEEN_EMAILS),
      secondsUntilSms: secondsUntil(reveals.codeIssuedAt, SECONDS_BETWEEN_CODES),
      emailsResent: reveals.emailsResent,
      smsResent: reveals.smsResent,
    })
    .from(reveals)
    .where(matchesOpenReveal(revealId));
  return state;
}

type ResendState = NonNullable<Awaited<ReturnType<typeof readResendState>>>;

function explainRefusal(resends: number, seconds: number): ResendPartResult {
  return resends >= RESENDS_PER_LINK
    ? { sent: false, reason: 'no_resends_left' }
    : { sent: false, reason: 'too_soon', seconds };
}

const explainEmailRefusal = ({ emailsResent, secondsUntilEmail }: ResendState) =>
  explainRefusal(emailsResent, secondsUntilEmail);
const explainSmsRefusal = ({ smsResent, secondsUntilSms }: ResendState) =>
  explainRefusal(smsResent, secondsUntilSms);

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
  if (!queued.ok) return { sent: false, reason: 'sms_blocked', smsBlockedReason: queued.blockedReason };
  await dropQueuedMessages(transaction, revealId, 'code', codeGeneration);
  await issueCode(transaction, revealId, codeGeneration);
  return { sent: true };
}

async function resend(
  context: ResendContext,
  event: AuditActor & { accountId: string },
  what: ResendRequest,
): Promise<ResendResult> {
  const { transaction, revealId } = context;
  const email = what === 'text' ? null : await resendEmail(context);
  const text = what === 'email' ? null : await resendSms(context);
  if (email?.sent || text?.sent) {
    const details = { revealId, what: email?.sent && text?.sent ? 'both' : email?.sent ? 'email' : 'text' };
    recordAuditEvent(transaction, 'reveal.sent_again', { ...event, details });
  }
  const state = await readResendState(transaction, revealId);
  if (!state) return { ok: false, reason: 'not_in_progress' };
  const parts = {
    email: what === 'text' ? null : (email ?? explainEmailRefusal(state)),
    text: what === 'email' ? null : (text ?? explainSmsRefusal(state)),
  };
  const isAnySent = parts.email?.sent === true || parts.text?.sent === true;
  return isAnySent ? { ok: true, ...parts } : { ok: false, reason: 'not_sent', ...parts };
}

/**
 * Resends the email, the SMS or both of the account's open reveal. The email has the same link. The SMS has a new code,
 * which invalidates the previous one. Emails are at least 60 seconds apart, SMS 30. Each is resent at most five times.
 * Drops queued messages that the resend replaces, so that nothing is sent twice. Requires recent authentication, because
 * an SMS costs money and invalidates the code that the integrator has.
 *
 * Of several concurrent requests, only one sends each message.
 * @param input.revealId the reveal that the administrator has seen; if it was replaced, nothing is sent. Missing: any
 * @returns the result of each requested part; null for a part that was not requested
 */
export async function resendMessages(
  database: Database,
  actor: Actor<'accounts:write'>,
  input: { id: string; what: ResendRequest; revealId?: string },
): Promise<ResendResult | ReauthenticationRequired> {
  if (!actor.hasRecentAuth) return { ok: false, reason: 'reauthentication_required' };
  const queue = await getQueue(database.$client);
  const event = { ...getAuditActor(actor), accountId: input.id };
  return withActorTransaction(database, actor, async (transaction) => {
    const revealId = await lockAccount(transaction, input.id);
    if (!revealId) return { ok: false, reason: 'not_in_progress' };
    if (input.revealId !== undefined && input.revealId !== revealId) return { ok: false, reason: 'replaced' };
    return resend({ transaction, queue, revealId }, event, input.what);
  });
}
