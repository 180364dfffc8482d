import { and, asc, eq, gt, isNotNull, isNull, lt, not, notExists, type SQL, sql } from 'drizzle-orm';
import type { PgBoss } from 'pg-boss';
import { v7 as uuidv7 } from 'uuid';
import type { Database, Queryable, Transaction } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { expiryReminders } from '#db/schema/expiry.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { queueOverview } from '#lib/api-accounts/overviews/queue-overview.ts';
import { getQueue, queueMessage } from '#lib/notifications/queue/queue-message.ts';
import { getToday } from '#lib/notifications/sms/policy.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { recordWebhookEvent } from '#lib/webhook-events/record.ts';

/** After an outage of the worker, an account that has expired longer ago gets no reminder any more. */
const LATE_DAYS = 7;
/** How many accounts one transaction locks. */
const BATCH_SIZE = 100;

/**
 * Selects which reminder of an account is the latest due one: 30, 7, 1 or 0 days before its last day. It is due from the
 * start of a day in the organisation's time zone, and null if none is. If an account expires at midnight, its last day is
 * the one before.
 */
const selectDaysBefore = (today: SQL) => sql<number | null>`(
  select min(days) from unnest(array[30, 7, 1, 0]) as days
  where ((${apiAccounts.expiresAt} - interval '1 millisecond') at time zone ${settings().organisationTimeZone}::text)::date - days <= ${today})`;

/**
 * Selects the accounts with a due reminder that they did not get yet.
 * @param accountId if only one account may be selected
 */
function selectDueAccounts(database: Queryable, now: SQL, accountId?: string) {
  const daysBefore = selectDaysBefore(getToday(now));
  const reminded = database
    .select({ id: expiryReminders.id })
    .from(expiryReminders)
    .where(
      and(
        eq(expiryReminders.accountId, apiAccounts.id),
        eq(expiryReminders.expiresAt, apiAccounts.expiresAt),
        // After a change of the time zone, an earlier reminder may be due again.
        sql`${expiryReminders.daysBefore} <= ${daysBefore}`,
      ),
    );
  return database
    .select({ accountId: apiAccounts.id, daysBefore: sql<number>`${daysBefore}` })
    .from(apiAccounts)
    .where(
      and(
        // The predicate of the index `api_accounts_expiry`, and a range of it that contains all that are due.
        sql`${apiAccounts.active}`,
        isNotNull(apiAccounts.expiresAt),
        gt(apiAccounts.expiresAt, sql`${now} - make_interval(days => ${LATE_DAYS})`),
        lt(apiAccounts.expiresAt, sql`${now} + interval '32 days'`),
        sql`${daysBefore} is not null`,
        notExists(reminded),
        accountId === undefined ? undefined : eq(apiAccounts.id, accountId),
      ),
    )
    .$dynamic();
}

/** Inserts a reminder of an account that is locked; returns its id. Null if another worker has just inserted it. */
async function insertReminder(
  transaction: Transaction,
  { accountId, daysBefore }: { accountId: string; daysBefore: number },
  isSkipped = false,
): Promise<string | null> {
  // Not by way of a `Date`, which would truncate the microseconds.
  const expiresAt = sql`(select ${apiAccounts.expiresAt} from ${apiAccounts} where ${apiAccounts.id} = ${accountId})`;
  const [reminder] = await transaction
    .insert(expiryReminders)
    .values({ id: uuidv7(), accountId, expiresAt, daysBefore, isSkipped })
    .onConflictDoNothing()
    .returning({ id: expiryReminders.id });
  return reminder?.id ?? null;
}

/** Queues the due reminders of some accounts to their integrators. Returns the number of the accounts. */
async function remindIntegrators(transaction: Transaction, queue: PgBoss, now: SQL): Promise<number> {
  const due = await selectDueAccounts(transaction, now)
    .orderBy(asc(apiAccounts.id))
    .limit(BATCH_SIZE)
    .for('update', { skipLocked: true });
  for (const account of due) {
    const reminderId = await insertReminder(transaction, account);
    if (!reminderId) continue;
    await queueMessage(transaction, queue, { kind: 'expiry_reminder', reminderId });
    const { accountId, daysBefore } = account;
    recordWebhookEvent(transaction, {
      type: 'api_account.expiring',
      account: accountId,
      data: { daysBefore },
    });
  }
  return due.length;
}

/** Queues the overview of the reminders that no overview lists, unless the administrators already had one today. */
async function queueExpiryOverview(transaction: Transaction, queue: PgBoss, now: SQL): Promise<void> {
  // Another worker that has locked the others queues the overview after them.
  const [missing] = await selectDueAccounts(transaction, now).limit(1);
  if (missing) return;
  const isUnlisted = and(isNull(expiryReminders.overviewId), not(expiryReminders.isSkipped));
  const [unlisted] = await transaction
    .select({ id: expiryReminders.id })
    .from(expiryReminders)
    .where(isUnlisted)
    .limit(1);
  if (!unlisted) return;
  const overviewId = await queueOverview(transaction, queue, 'expiry', getToday(now));
  if (overviewId) await transaction.update(expiryReminders).set({ overviewId }).where(isUnlisted);
}

/**
 * Queues the reminders that are due: an email to the integrator of each account, and at most one a day to each
 * administrator, with all accounts. Each reminder of an expiry is queued once, whichever workers do this at the same time;
 * after an outage, only the latest due one is.
 * @param now the database's clock; replaced in tests
 */
export async function queueExpiryReminders(
  database: Database,
  { now = sql`now()`, stopped }: { now?: SQL; stopped?: AbortSignal } = {},
): Promise<void> {
  const queue = await getQueue(database.$client);
  for (let reminded = BATCH_SIZE; reminded === BATCH_SIZE && !stopped?.aborted; ) {
    reminded = await withTransaction(database, (transaction) => remindIntegrators(transaction, queue, now));
  }
  if (stopped?.aborted) return;
  await withTransaction(database, (transaction) => queueExpiryOverview(transaction, queue, now));
}

/**
 * Skips the reminder that is due when an account is created: its administrator has just chosen the expiry, and its
 * integrator is just getting access.
 */
export async function skipDueReminder(transaction: Transaction, accountId: string): Promise<void> {
  const [due] = await selectDueAccounts(transaction, sql`now()`, accountId);
  if (due) await insertReminder(transaction, due, true);
}
