import { drizzle } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { createTestAdministrator } from '#lib/testing/accounts.ts';
import { COUNT_LIMIT, countAccounts, countAllTabs } from './count.ts';
import { listApiAccounts, PAGE_SIZE } from './list.ts';
import { type AccountFilter, DEFAULT_FILTER, SORT_COLUMNS } from './list-filter.ts';

/** More than twice as many as are counted. */
const ACCOUNTS = 25_000;
/** One in a thousand accounts is inactive, and as many have an expired link, expire soon, or are unused. */
const RARE = ACCOUNTS / 1000;

let db: TestDatabase;
let administrator: Administrator;
let statements: { text: string; parameters: unknown[] }[] = [];

beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
  await db.pool.query(`
    insert into api_accounts (id, username, username_folded, email, phone, active, key_digest, expires_at, created_at)
      select gen_random_uuid(), 'Company ' || n, 'company ' || n, 'it@company' || n || '.example',
        '+4478' || lpad(n::text, 8, '0'), n % 1000 <> 0,
        case when n % 1000 <> 1 then sha256(n::text::bytea) end,
        now() + case n % 1000 when 2 then interval '20 days' else interval '200 days' end, now() - interval '1 year'
      from generate_series(1, ${ACCOUNTS}) n;
    insert into api_account_usage (account_id, last_used_at)
      select id, now() - right(phone, 6)::int * interval '1 second'
          - case when right(phone, 3) = '003' then interval '100 days' else interval '0' end
        from api_accounts;
    insert into reveals (id, account_id, email, phone, expires_at, code_expires_at, ended_at, end_reason)
      select gen_random_uuid(), id, email, phone, now() - interval '1 day', now(),
        case when key_digest is not null then now() end, case when key_digest is not null then 'shown' end
      from api_accounts;
    update api_accounts set reveal_id = reveals.id from reveals where account_id = api_accounts.id;`);
  await db.pool.query('vacuum analyze');
});
afterAll(() => db.drop());

type PlanNode = {
  'Node Type': string;
  'Index Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  Plans?: PlanNode[];
};

const listNodes = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(listNodes)];

/** Runs a query, and returns how many rows and index entries each of its statements read. */
async function countReadRows(run: (database: typeof db.database) => Promise<unknown>): Promise<number[]> {
  statements = [];
  const logger = { logQuery: (text: string, parameters: unknown[]) => statements.push({ text, parameters }) };
  await run(drizzle(db.pool, { logger }));
  // The estimates read no rows.
  statements = statements.filter(({ text }) => !text.startsWith('explain'));
  return Promise.all(
    statements.map(async ({ text, parameters }) => {
      const { rows } = await db.pool.query(`explain (analyze, format json) ${text}`, parameters);
      const scans = listNodes(rows[0]['QUERY PLAN'][0].Plan).filter((node) =>
        /Scan$/.test(node['Node Type']),
      );
      return scans
        .filter((node) => !/^(?:Subquery|CTE) Scan$/.test(node['Node Type']))
        .reduce(
          (sum, node) =>
            sum + (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'],
          0,
        );
    }),
  );
}

const list = (database: typeof db.database, filter: Partial<AccountFilter>, after?: string) =>
  listApiAccounts(database, administrator, { filter: { ...DEFAULT_FILTER, ...filter }, after });

describe('reading the list', () => {
  it.each(
    SORT_COLUMNS.flatMap((sort) => [{ sort, order: 'asc' } as const, { sort, order: 'desc' } as const]),
  )('reads only the rows of a page: $sort $order', async (filter) => {
    let { next } = await list(db.database, filter);
    for (let page = 2; page < 5; page += 1) ({ next } = await list(db.database, filter, next ?? ''));
    const counts = await countReadRows((database) => list(database, filter, next ?? ''));
    const [selected = 0, summarized = 0] = counts.filter(
      (_, index) => !statements[index]?.text.includes('count(*)'),
    );
    expect(selected).toBeLessThan(3 * PAGE_SIZE);
    expect(summarized).toBeLessThan(10 * PAGE_SIZE);
  });
});

/** Returns how many rows and index entries the statements of a list read together, and which accounts it shows. */
async function measureList(filter: Partial<AccountFilter>) {
  let usernames: string[] = [];
  const read = await countReadRows(async (database) => {
    usernames = (await list(database, filter)).accounts.map(({ username }) => username);
  });
  return { usernames, read: read.reduce((sum, rows) => sum + rows, 0) };
}

describe('searching', () => {
  it.each(['12000', '@company12000.', '07800 0120 00', 'no such', 'qq', '東京'])(
    'reads little for few matches: %s',
    async (search) => {
      const { usernames, read } = await measureList({ search });
      expect(usernames).toEqual(/0 ?00/.test(search) ? ['Company 12000'] : []);
      expect(read).toBeLessThan(1_000);
    },
  );

  it.each(SORT_COLUMNS)('reads little for few matches: by %s', async (sort) => {
    const { usernames, read } = await measureList({ search: 'company 12000', sort });
    expect(usernames).toEqual(['Company 12000']);
    expect(read).toBeLessThan(1_000);
  });

  it.each(SORT_COLUMNS)('reads little for many matches: by %s', async (sort) => {
    const { usernames, read } = await measureList({ search: 'c', sort });
    expect(usernames).toHaveLength(PAGE_SIZE);
    expect(read).toBeLessThan(2 * COUNT_LIMIT + 20 * PAGE_SIZE);
  });

  it('finds the first matches if all are at the end of the order', async () => {
    const { usernames, read } = await measureList({ search: 'company 9' });
    expect(usernames.slice(0, 3)).toEqual(['Company 9', 'Company 90', 'Company 900']);
    expect(usernames).toHaveLength(PAGE_SIZE);
    // Not each of them by way of the index of the order.
    expect(read).toBeLessThan(2 * ACCOUNTS);
  });
});

describe('countAccounts', () => {
  it('stops counting at the limit, and reads little for rare statuses', async () => {
    const about = (count: number) => ({ count: expect.closeTo(count, -3), isExact: false });
    expect(await countAllTabs(db.database, ACCOUNTS)).toEqual({
      all: about(ACCOUNTS),
      needs_attention: { count: RARE, isExact: true },
      active: about(ACCOUNTS),
      inactive: { count: RARE, isExact: true },
      expiring: { count: RARE, isExact: true },
      unused: { count: RARE, isExact: true },
    });
    const read = await countReadRows((database) => countAllTabs(database, ACCOUNTS));
    expect(read.reduce((sum, rows) => sum + rows, 0)).toBeLessThan(2 * COUNT_LIMIT + 10 * RARE);
  });

  it('remembers the counts of the tabs, and those that are not counted yet are missing', async () => {
    const other = drizzle(new pg.Pool({ connectionString: db.url }));
    const { counts, total } = await countAccounts(other, '', 'inactive');
    expect(counts).toMatchObject({ all: { isExact: false }, inactive: null });
    expect(total).toEqual({ count: RARE, isExact: true });
    await expect
      .poll(async () => (await countAccounts(other, '')).counts.inactive)
      .toEqual({ count: RARE, isExact: true });
    await other.$client.end();
  });

  it('counts all tabs of a search with few matches, and only those of one tab otherwise', async () => {
    const many = await countAccounts(db.database, 'company', 'inactive');
    expect(many.counts).toMatchObject({ all: { isExact: false }, active: null, unused: null });
    expect(many.total).toEqual({ count: RARE, isExact: true });
    expect((await countAccounts(db.database, 'company 12000')).counts).toMatchObject({
      all: { count: 1, isExact: true },
      inactive: { count: 1, isExact: true },
      active: { count: 0, isExact: true },
    });
  });
});
