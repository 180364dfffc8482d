import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '#db/client-config.ts';
import { createSearchIndex } from '#db/search-index.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { createTestAccount, createTestAdministrator } from '#lib/testing/accounts.ts';
import { createTestRole, dropRole } from '#lib/testing/database-roles.ts';
import { listApiAccounts } from './list.ts';
import { DEFAULT_FILTER } from './list-filter.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

/** Reports whether there is the extension, and the index. */
async function readState() {
  const { rows } = await db.pool.query(
    `select exists (select from pg_extension where extname = 'pg_trgm') as extension,
       to_regclass('api_accounts_search') is not null as index`,
  );
  return rows[0];
}

/** Creates the index as a start of Stagedoor does. */
async function createAs(url: string): Promise<void> {
  const client = createClient(url);
  await client.connect();
  await client.query('begin');
  await createSearchIndex(client);
  await client.query('commit');
  await client.end();
}

describe('createSearchIndex', () => {
  it('is called by the migration', async () => {
    expect(await readState()).toEqual({ extension: true, index: true });
  });

  it('creates neither without the right to create the extension, and the search still works', async () => {
    await db.pool.query(`drop extension pg_trgm cascade`);
    const role = await createTestRole(db.url);
    const url = role.withCredentials(db.url);
    await db.pool.query(`grant create on schema public to ${role.name}`);
    await db.pool.query(`alter table api_accounts owner to ${role.name}`);
    await createAs(url);
    expect(await readState()).toEqual({ extension: false, index: false });
    const administrator = await createTestAdministrator(db.database);
    const { username } = await createTestAccount(db.database, administrator, { username: 'Théâtre du Parc' });
    const filter = { ...DEFAULT_FILTER, search: 'THÉÂTRE' };
    const { accounts } = await listApiAccounts(db.database, administrator, { filter });
    expect(accounts.map((account) => account.username)).toEqual([username]);
    // An administrator of PostgreSQL creates the extension, also in a schema of its own.
    await db.pool.query('create schema extensions');
    await db.pool.query('create extension pg_trgm schema extensions');
    await db.pool.query(`grant usage on schema extensions to ${role.name}`);
    await createAs(url);
    expect(await readState()).toEqual({ extension: true, index: true });
    await db.pool.query('alter table api_accounts owner to current_user');
    await dropRole(db, role);
  });
});
