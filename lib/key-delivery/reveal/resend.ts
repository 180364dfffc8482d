import { and, eq, gt, isNull, lt, type SQL, sql } from 'drizzle-orm';
import type { PgBoss } from 'pg-boss';
import type { Database, Transaction } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { reveals } from '#db/schema/reveals.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { dropQueued } from '#lib/notifications/delivery/drop-queued.ts';
import { queueMessage } from '#lib/notifications/delivery/queue-message.ts';
import { queueFor } from '#lib/notifications/queue/enqueue.ts';
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
 * Holds the account, and finds its present reveal. Without it, the second change of the reveal's row would take the
 * account after the reveal (PostgreSQL checks the foreign key of a row that the transaction itself has written).
 */
async function holdAccount(transaction: Transaction, accountId: string): Promise<string | null> {
  const [held] = await transaction
    .select({ revealId: apiAccounts.revealId })
    .from(apiAccounts)
    .where(eq(apiAccounts.id, accountId))
    .for('update');
  return held?.revealId ?? null;
}

/** The reveal's row, while it is under way. */
const underWay = (revealId: string, ...more: SQL[]) =>
  and(
    eq(reveals.id, revealId),
    isNull(reveals.endedAt),
    gt(reveals.expiresAt, sql`now()`),
    lt(reveals.linkTries, ATTEMPTS_PER_LINK),
    ...more,
  );

const longAgo = (column: typeof reveals.emailQueuedAt | typeof reveals.codeIssuedAt, seconds: number) =>
  sql`${column} <= now() - make_interval(secs => ${seconds})`;

/** Takes one of the emails that may be sent again, where there is one and the last is long enough ago. */
async function takeEmail(transaction: Transaction, revealId: string): Promise<boolean> {
  const taken = await transaction
    .update(reveals)
    .set({ emailsSentAgain: sql`${reveals.emailsSentAgain} + 1`, emailQueuedAt: sql`now()` })
    .where(
      underWay(
        revealId,
        lt(reveals.emailsSentAgain, RESENDS_PER_LINK),
        longAgo(reveals.emailQueuedAt, SECONDS_BETWEEN_EMAILS),
      ),
    )
    .returning({ id: reveals.id });
  return taken.length > 0;
}

/** Holds the reveal where a text may be sent again, and tells the generation of the code to come. */
async function nextGeneration(transaction: Transaction, revealId: string): Promise<number | null> {
  const [held] = await transaction
    .select({ codeGeneration: reveals.codeGeneration })
    .from(reveals)
    .where(
      underWay(
        revealId,
        lt(reveals.textsSentAgain, RESENDS_PER_LINK),
        longAgo(reveals.codeIssuedAt, SECONDS_BETWEEN_CODES),
      ),
    )
    .for('update');
  return held ? held.codeGeneration + 1 : null;
}

/** Makes the next generation the present one: the code before is dead. Tries spent on the link stay spent. */
async function issue(transaction: Transaction, revealId: string, codeGeneration: number): Promise<void> {
  await transaction
    .update(reveals)
    .set({
      codeGeneration,
      codeTries: 0,
      textsSentAgain: sql`${reveals.textsSentAgain} + 1`,
      codeIssuedAt: sql`now()`,
      codeExpiresAt: sql`now() + make_interval(mins => ${CODE_MINUTES})`,
    })
    .where(eq(reveals.id, revealId));
}

/** How long until each can be sent again, and how often it was; nothing where the reveal has ended. */
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
      emailsSentAgain: reveals.emailsSentAgain,
      textsSentAgain: reveals.textsSentAgain,
    })
    .from(reveals)
    .where(underWay(revealId));
  return waits;
}

type Waits = NonNullable<Awaited<ReturnType<typeof readWaits>>>;

function explain(sentAgain: number, seconds: number): ResendPartResult {
  return sentAgain >= RESENDS_PER_LINK
    ? { sent: false, reason: 'none_left' }
    : { sent: false, reason: 'too_soon', seconds };
}

const explainEmail = ({ emailsSentAgain, email }: Waits) => explain(emailsSentAgain, email);
const explainText = ({ textsSentAgain, text }: Waits) => explain(textsSentAgain, text);

type Sending = { transaction: Transaction; sender: PgBoss; revealId: string };

async function sendEmailAgain({ transaction, sender, revealId }: Sending): Promise<ResendPartResult | null> {
  if (!(await takeEmail(transaction, revealId))) return null;
  await dropQueued(transaction, revealId, 'reveal_link');
  await queueMessage(transaction, sender, { kind: 'reveal_link', revealId });
  return { sent: true };
}

/** A text that the rules refuse spends nothing, and the present code stays good. */
async function sendTextAgain({ transaction, sender, revealId }: Sending): Promise<ResendPartResult | null> {
  const codeGeneration = await nextGeneration(transaction, revealId);
  if (codeGeneration === null) return null;
  const queued = await queueMessage(transaction, sender, { kind: 'code', revealId, codeGeneration });
  if (!queued.ok) return { sent: false, reason: 'refused', why: queued.failure };
  await dropQueued(transaction, revealId, 'code', codeGeneration);
  await issue(transaction, revealId, codeGeneration);
  return { sent: true };
}

async function send(
  sending: Sending,
  by: { userId: string; accountId: string; address: string },
  what: ResendRequest,
): Promise<ResendResult> {
  const { transaction, revealId } = sending;
  const email = what === 'text' ? null : await sendEmailAgain(sending);
  const text = what === 'email' ? null : await sendTextAgain(sending);
  if (email?.sent || text?.sent) {
    const details = { revealId, what: email?.sent && text?.sent ? 'both' : email?.sent ? 'email' : 'text' };
    recordAuditEvent(transaction, 'reveal.sent_again', { ...by, details });
  }
  const waits = await readWaits(transaction, revealId);
  if (!waits) return { ok: false, reason: 'not_under_way' };
  const parts = {
    email: what === 'text' ? null : (email ?? explainEmail(waits)),
    text: what === 'email' ? null : (text ?? explainText(waits)),
  };
  const sent = parts.email?.sent === true || parts.text?.sent === true;
  return sent ? { ok: true, ...parts } : { ok: false, reason: 'not_sent', ...parts };
}

/**
 * Sends the email, a text, or both again, for the reveal that is under way: the same link, and a new code, which
 * makes the one before dead. An email at least 60 seconds after the last, a text 30; each five times at most.
 * What of it still waits in the queue is dropped, so that nothing is sent twice.
 *
 * However many ask at the same time, one of them sends.
 * @returns what became of each part that was asked for; null: it was not
 */
export async function resendMessages(
  database: Database,
  administrator: Administrator,
  input: { id: string; what: ResendRequest },
): Promise<ResendResult> {
  const sender = await queueFor(database.$client);
  const { userId, address } = administrator;
  const by = { userId, accountId: input.id, address };
  return withTransaction(database, async (transaction) => {
    const revealId = await holdAccount(transaction, input.id);
    if (!revealId) return { ok: false, reason: 'not_under_way' };
    return send({ transaction, sender, revealId }, by, input.what);
  });
}
