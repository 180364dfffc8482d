import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { parseDatabaseUrl } from '#db/database-url.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { digestKeyAsHex } from '#lib/api-keys/api-key.ts';
import { insertAccountWithKey } from '#lib/testing/verifier.ts';
import { Connection } from './connection.ts';
import { findAccounts, LOOKUP_SESSION, UNASSIGNED_DIGEST, warmUpLookups } from './lookup.ts';

let db: TestDatabase;

beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

/** Counts the index entries read so far. */
async function countIndexReads({ sql }: Connection): Promise<number> {
  // By default, PostgreSQL reports statistics with a delay. This makes it report them after the statement.
  await sql`select pg_stat_force_next_flush()`;
  const { rows } = await db.pool.query<{ read: number }>(
    "select idx_tup_read::int as read from pg_stat_user_indexes where indexrelname = 'api_accounts_key_digest_unique'",
  );
  return rows[0]?.read ?? Number.NaN;
}

it('reads one index entry per key, even if the table was small when the statement was planned', async () => {
  const accounts = await Promise.all(Array.from({ length: 30 }, () => insertAccountWithKey(db.pool)));
  await db.pool.query('analyze api_accounts');
  const connection = await Connection.open(parseDatabaseUrl(db.url), LOOKUP_SESSION, warmUpLookups);
  onTestFinished(() => connection.abandon());
  await db.pool.query(
    `insert into api_accounts (id, username, username_folded, email, phone, key_digest)
     select gen_random_uuid(), number, number, 'it@example.com', '+447894123456', sha256(number::text::bytea)
     from generate_series(1, 5000) as number`,
  );
  const digests = accounts.slice(0, 10).map(({ key }) => digestKeyAsHex(key));
  const before = await countIndexReads(connection);
  const found = await findAccounts(connection, [...digests, UNASSIGNED_DIGEST]);
  expect(found.map((account) => account?.id)).toEqual([
    ...accounts.slice(0, 10).map(({ id }) => id),
    undefined,
  ]);
  expect((await countIndexReads(connection)) - before).toBe(10);
});
