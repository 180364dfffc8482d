import type pg from 'pg';
import { createClient } from '#db/client-config.ts';
import { withoutSearchIndex } from '#db/search-index.ts';
import { digestEntry } from '#lib/audit/chain.ts';
import { RowsToCopy } from './copy-rows.ts';
import { generateAccount, SEED_USER_ID, type SeededEvent, type SeedSettings } from './generate-account.ts';

/** Accounts per transaction. Other transactions that record audit events wait for the end of one. */
const BATCH_SIZE = 10_000;
/** While PostgreSQL writes a batch, the next one is generated. */
const CONNECTIONS = 2;
/** From so many new accounts on, the index of the search is created again afterwards. */
const MANY = 50_000;

export type SeededCounts = {
  /** The accounts that an earlier run has created. */
  seeded: number;
  /** All others. */
  others: number;
};

type SeedOptions = {
  /** How many seeded accounts the database has afterwards. */
  accounts: number;
  /** The same seed generates the same accounts, with times relative to now. */
  seed: number;
  onProgress?: (done: number, total: number) => void;
};

/** Counts the accounts that were seeded, and the others. */
export async function countSeededAccounts(client: pg.ClientBase): Promise<SeededCounts> {
  const { rows } = await client.query<SeededCounts>(
    `select count(*) filter (where created_by = $1)::int as seeded,
        count(*) filter (where created_by is distinct from $1)::int as others from api_accounts`,
    [SEED_USER_ID],
  );
  if (!rows[0]) throw new Error('an aggregate returned no row');
  return rows[0];
}

/** Returns the index after the last seeded account's, which its id ends with, and the database's time. */
async function readStart(client: pg.ClientBase): Promise<{ firstIndex: number; now: Date }> {
  const { rows } = await client.query(
    `select coalesce(max(('x' || right(id::text, 8))::bit(32)::int) + 1, 0) as "firstIndex",
        date_trunc('second', now()) as now from api_accounts where created_by = $1`,
    [SEED_USER_ID],
  );
  return rows[0];
}

/** Inserts the user that has created the accounts. They have no role and no password, and are inactive. */
const INSERT_USER = `
  insert into users (id, email, email_folded, name, active)
    values ($1, 'seed@stagedoor.example', 'seed@stagedoor.example', 'Seed', false) on conflict do nothing`;

/** Appends events to the chain of the audit log, as `recordAuditEvent` does. */
async function appendEvents(client: pg.ClientBase, events: SeededEvent[]): Promise<void> {
  const { rows } = await client.query<{ position: number; digest: Buffer }>(
    `update audit_chain set position = position + $1
       returning (position - $1)::float8 as position, digest`,
    [events.length],
  );
  if (!rows[0]) throw new Error('the table audit_chain has no row: the database has not been migrated');
  let { position, digest } = rows[0];
  const rowsToCopy = new RowsToCopy();
  for (const event of events) {
    position += 1;
    const { id, action, userId, accountId, ipAddress, details } = event;
    const at = event.at.toISOString().replace('Z', '000Z');
    const entry = { id, at, action, userId, accountId, ipAddress, details, position };
    digest = digestEntry(digest, { ...entry, outcome: 'done', targetUserId: null });
    rowsToCopy.add('audit_events', {
      id,
      at,
      action,
      user_id: userId,
      account_id: accountId,
      address: ipAddress,
      details: JSON.stringify(details),
      position,
      digest: `\\x${digest.toString('hex')}`,
    });
  }
  await rowsToCopy.copy(client);
  await client.query('update audit_chain set digest = $1', [digest]);
}

type Batch = SeedSettings & { first: number; count: number };

/** Generates a batch of accounts, and writes it in one transaction. */
async function seedBatch(client: pg.ClientBase, { first, count, ...settings }: Batch): Promise<void> {
  const rowsToCopy = new RowsToCopy();
  const events: SeededEvent[] = [];
  for (let index = first; index < first + count; index += 1) {
    const account = generateAccount(index, settings);
    events.push(...account.events);
    for (const [table, row] of account.rows) rowsToCopy.add(table, row);
  }
  events.sort((one, other) => one.at.getTime() - other.at.getTime());
  await client.query('begin');
  try {
    // The batch is lost as a whole if the server crashes, and the next run creates it.
    await client.query('set local synchronous_commit = off');
    await rowsToCopy.copy(client);
    await appendEvents(client, events);
    await client.query('commit');
  } catch (error) {
    // The connection may be lost.
    await client.query('rollback').catch(() => {});
    throw error;
  }
}

/**
 * Creates accounts until the database has as many seeded ones as asked for: with usage, key deliveries and audit events,
 * in batches of one transaction each. An interrupted run can be continued.
 * @returns the number of accounts that it created
 */
export async function seedAccounts(url: string, options: SeedOptions): Promise<number> {
  const { accounts, seed, onProgress = () => {} } = options;
  const control = createClient(url);
  const clients = Array.from({ length: CONNECTIONS }, () => createClient(url));
  try {
    await Promise.all([control, ...clients].map((client) => client.connect()));
    const total = Math.max(accounts - (await countSeededAccounts(control)).seeded, 0);
    if (total === 0) return 0;
    const { firstIndex, now } = await readStart(control);
    await control.query(INSERT_USER, [SEED_USER_ID]);
    let started = 0;
    let done = 0;
    const seedBatches = async (connection: pg.Client) => {
      while (started < total) {
        const count = Math.min(BATCH_SIZE, total - started);
        const first = firstIndex + started;
        started += count;
        await seedBatch(connection, { first, count, seed, now, accounts });
        done += count;
        onProgress(done, total);
      }
    };
    const insert = async () => void (await Promise.all(clients.map(seedBatches)));
    await (total >= MANY ? withoutSearchIndex(control, insert) : insert());
    // So that the planner knows the tables now, and counts need only read indexes.
    await control.query('vacuum (analyze) api_accounts, api_account_usage, reveals, messages');
    return total;
  } finally {
    await Promise.all([control, ...clients].map((client) => client.end().catch(() => {})));
  }
}
