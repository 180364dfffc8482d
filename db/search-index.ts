import type pg from 'pg';

/**
 * What the search for API accounts looks in: one line for each of username, email address, display name and phone number,
 * so that one index finds them all, and a text that begins a line can be found. `lib/api-accounts/search.ts` must use the
 * same expression, and encodes what is searched alike: `pg_trgm` ignores letters that are not ASCII if the database has
 * the locale C, as the embedded one has, so each of their bytes becomes a backslash and three digits.
 */
export const SEARCHED_TEXT =
  "encode(replace(lower(E'\\n' || api_accounts.username_folded || E'\\n' || api_accounts.email || E'\\n' || " +
  "api_accounts.display_name || E'\\n' || api_accounts.phone), '\\', '\\\\')::bytea, 'escape')";

const NAME = 'api_accounts_search';
/** More than the default of 100, so that the number of matches of a search can be estimated. */
const STATISTICS_TARGET = 500;

/** PostgreSQL's errors if the role may not create the extension, or if it is not installed or not offered. */
const UNAVAILABLE = ['42501', '58P01', '0A000', '22023'];

/** Creates the extension if that is possible, and returns its schema; null if there is none. */
async function findTrigramSchema(client: pg.ClientBase): Promise<string | null> {
  await client.query('savepoint extension');
  try {
    await client.query('create extension if not exists pg_trgm');
  } catch (error) {
    if (!UNAVAILABLE.includes((error as { code?: string }).code ?? '')) throw error;
    await client.query('rollback to savepoint extension');
  }
  const { rows } = await client.query<{ schema: string }>(
    "select extnamespace::regnamespace::text as schema from pg_extension where extname = 'pg_trgm'",
  );
  return rows[0]?.schema ?? null;
}

/**
 * Creates the index of the search for API accounts, if there is none and the extension `pg_trgm` is there or can be
 * created. Without it, the search reads the whole table. The caller begins and commits the transaction.
 */
export async function createSearchIndex(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query('select to_regclass($1) is not null as exists', [`public.${NAME}`]);
  if (rows[0].exists) return;
  const schema = await findTrigramSchema(client);
  if (schema === null) return;
  await client.query(
    `create index ${NAME} on public.api_accounts using gin ((${SEARCHED_TEXT}) ${schema}.gin_trgm_ops)`,
  );
  await client.query(`alter index public.${NAME} alter column 1 set statistics ${STATISTICS_TARGET}`);
  await client.query('analyze public.api_accounts');
}

/**
 * Inserts many accounts without the index, because adding them to it would be slower than creating it again. If it is
 * interrupted, the next start of Stagedoor creates it.
 */
export async function withoutSearchIndex(client: pg.ClientBase, insert: () => Promise<void>): Promise<void> {
  const { rows } = await client.query(
    `select exists (select from pg_class where oid = to_regclass($1) and pg_has_role(relowner, 'usage')) as owned`,
    [`public.${NAME}`],
  );
  // Only the owner may.
  if (!rows[0].owned) return insert();
  await client.query(`drop index public.${NAME}`);
  try {
    await insert();
  } finally {
    await client.query('begin');
    await createSearchIndex(client);
    await client.query('commit');
  }
}
