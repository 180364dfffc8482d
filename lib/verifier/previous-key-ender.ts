import type { Connection } from './connection.ts';
import { QueryBatcher } from './query-batcher.ts';

/** `hasEnded`: false if the database could not be queried in time. */
type OnResult = (hasEnded: boolean) => void;

/** An account whose new key is used. The waiting requests of one key share the write. */
type NewKeyUse = { accountId: string; digest: string; waiting: OnResult[]; arrivedAt: number };

/**
 * Ends the previous key of an account, if the new key still has this digest.
 *
 * Also writes if the use of the new key has ended it already. With standbys, PostgreSQL then confirms only what all of them
 * show, even if it is another verifier that has ended the key. Does not write if the key has ended by its time, which the
 * worker has to record as such.
 */
async function endPreviousKey(connection: Connection, { accountId, digest }: NewKeyUse): Promise<void> {
  const sequence = connection.nextSequence();
  const { warningCount } = connection;
  const [row] = await connection.sql<{ sequence: number }[]>`
    with ended as (
      update api_accounts
      set previous_key_digest = null, previous_key_ended_at = coalesce(previous_key_ended_at, now())
      where id = ${accountId}::text::uuid and key_digest = decode(${digest}::text, 'hex')
        and previous_key_ends_on = 'first_use' and previous_key_expires_at > now()
      returning id
    )
    select ${sequence}::int4 as sequence`;
  connection.checkSequence(row, sequence);
  // PostgreSQL reports a cancelled wait for a standby only as a warning. Then the batcher tries again.
  if (connection.warningCount !== warningCount) throw new Error('the write was not confirmed');
}

/**
 * Ends previous keys that end when the new key is first used. A request with the new key is allowed only after that: no
 * request that begins later is allowed with the old one, on any verifier. The worker records the ends in the audit log.
 */
export class PreviousKeyEnder {
  #batcher: QueryBatcher<NewKeyUse, void>;
  /** The uses whose writes are not confirmed yet, by digest. */
  #pending = new Map<string, NewKeyUse>();

  /** @param options.onConnectionError called for each connection that was lost or could not be opened */
  constructor(databaseUrl: string, options: { onConnectionError?: () => void; deadlineMs?: number } = {}) {
    this.#batcher = new QueryBatcher<NewKeyUse, void>({
      name: 'previous keys',
      databaseUrl,
      connections: 1,
      // One row per statement, so that two verifiers cannot deadlock.
      maxBatchSize: 1,
      query: async (connection, uses) => {
        for (const use of uses) await endPreviousKey(connection, use);
        return uses.map(() => undefined);
      },
      warmUp: ({ sql }) => sql`select 1`,
      onResult: (use) => this.#release(use, true),
      onFailure: (use) => this.#release(use, false),
      ...options,
    });
  }

  /**
   * Ends the previous key of an account.
   * @param digest of the new key, in hexadecimal
   * @param arrivedAt when the request arrived, on this process's monotonic clock; its deadline counts from then
   * @param onResult called once, later
   */
  end(accountId: string, digest: string, arrivedAt: number, onResult: OnResult): void {
    const pending = this.#pending.get(digest);
    if (pending) {
      pending.waiting.push(onResult);
      return;
    }
    const use: NewKeyUse = { accountId, digest, waiting: [onResult], arrivedAt };
    this.#pending.set(digest, use);
    this.#batcher.enqueue(use);
  }

  close(): void {
    this.#batcher.close();
  }

  #release(use: NewKeyUse, hasEnded: boolean): void {
    this.#pending.delete(use.digest);
    for (const onResult of use.waiting.splice(0)) onResult(hasEnded);
  }
}
