import { eq, sql } from 'drizzle-orm';
import type { PgBoss } from 'pg-boss';
import type { Database } from '#db/client.ts';
import { messages } from '#db/schema/messages.ts';
import { type Attempt, beginAttempt } from '#lib/notifications/delivery/attempt.ts';
import { getQueue } from '#lib/notifications/queue/queue-message.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { createTestAccount, createTestAdministrator } from './accounts.ts';

/** Creates queued SMS for a test, and reads and changes them. */
export class QueuedSms {
  readonly database: Database;
  readonly administrator: Administrator;
  readonly queue: PgBoss;

  private constructor(database: Database, administrator: Administrator, queue: PgBoss) {
    this.database = database;
    this.administrator = administrator;
    this.queue = queue;
  }

  static async create(database: Database): Promise<QueuedSms> {
    const administrator = await createTestAdministrator(database);
    return new QueuedSms(database, administrator, await getQueue(database.$client));
  }

  /** Creates an account; returns it with the id of its SMS. */
  async createAccount() {
    const account = await createTestAccount(this.database, this.administrator);
    const { rows } = await this.database.$client.query(
      "select m.id from messages m join api_accounts a on a.reveal_id = m.reveal_id where a.id = $1 and channel = 'sms'",
      [account.id],
    );
    return { account, id: String(rows[0].id) };
  }

  async readRow(id: string) {
    const [row] = await this.database.select().from(messages).where(eq(messages.id, id));
    return row;
  }

  /** Reads the delay, in seconds, of each job that was queued after the message's first one. */
  async readRetryDelays(id: string): Promise<number[]> {
    const { rows } = await this.database.$client.query(
      `select extract(epoch from start_after - created_on)::int as wait from pgboss.job
       where data->>'messageId' = $1 and name = 'send-sms' order by created_on, start_after offset 1`,
      [id],
    );
    return rows.map((row) => row.wait);
  }

  /** Ends the wait for a message's next attempt, by moving its times into the past. */
  async skipWait(id: string): Promise<void> {
    const earlier = {
      attemptUntil: sql`attempt_until - interval '1 day'`,
      nextAttemptAt: sql`next_attempt_at - interval '1 day'`,
    };
    await this.database.update(messages).set(earlier).where(eq(messages.id, id));
  }

  /** Starts and counts an attempt, as a worker does. */
  async beginAttempt(id: string): Promise<Attempt> {
    const attempt = await beginAttempt(this.database, this.queue, id);
    if (!attempt) throw new Error('the attempt did not begin');
    await this.database.$client.query('update messages set attempts = attempts + 1 where id = $1', [id]);
    return attempt;
  }
}
