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

/** Counts the scans so far of the index of current and of that of previous keys. */
async function countScans({ sql }: Connection): Promise<{ current: number; previous: number }> {
  // By default, PostgreSQL reports statistics with a delay. This makes it report them after the statement.
  await sql`select pg_stat_force_next_flush()`;
  const { rows } = await db.pool.query<{ name: string; scans: number }>(
    `select indexrelname as name, idx_scan::int as scans from pg_stat_user_indexes where relname = 'api_accounts'`,
  );
  const getScans = (name: string) => rows.find((row) => row.name === name)?.scans ?? Number.NaN;
  return {
    current: getScans('api_accounts_key_digest_unique'),
    previous: getScans('api_accounts_previous_key_digest'),
  };
}

it('scans one index once per current key, even if the table was small when the statement was planned', async () => {
  const accounts = await Promise.all(Array.from({ length: 30 }, () => insertAccountWithKey(db.pool)));
  await db.pool.query('analyze api_accounts');
  const connection = await Connection.open(parseDatabaseUrl(db.url), LOOKUP_SESSION, warmUpLookups);
  onTestFinished(() => connection.abandon());
  await db.pool.query(
    `insert into api_accounts (id, username, username_folded, email, phone, key_digest)
     select gen_random_uuid(), number, number, 'it@example.com', '+447894123456', sha256(number::text::bytea)
     from generate_series(1, 5000) as number`,
  );
  const ids = accounts.map(({ id }) => id);
  const digests = accounts.map(({ key }) => digestKeyAsHex(key));
  await db.pool.query(
    `update api_accounts set key_digest = null, previous_key_digest = key_digest,
       previous_key_expires_at = now() + interval '1 hour' where id = any ($1)`,
    [ids.slice(20)],
  );
  const find = async (sent: string[]) => {
    const before = await countScans(connection);
    const found = await findAccounts(connection, sent);
    const after = await countScans(connection);
    const scans = { current: after.current - before.current, previous: after.previous - before.previous };
    return { ids: found.map((account) => account?.id), scans };
  };
  expect(await find(digests.slice(0, 10))).toEqual({
    ids: ids.slice(0, 10),
    scans: { current: 10, previous: 0 },
  });
  // A second scan is necessary only for previous and unknown keys.
  expect(await find([...digests.slice(20), UNASSIGNED_DIGEST])).toEqual({
    ids: [...ids.slice(20), undefined],
    scans: { current: 11, previous: 11 },
  });
});
