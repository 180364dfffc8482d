import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { createTestAdministrator } from '#lib/testing/accounts.ts';
import { atScale, TEST_SEED } from '#lib/testing/scale.ts';
import { type AccountPage, listApiAccounts } from './list.ts';
import type { AccountFilter } from './list-filter.ts';

const RUNS = atScale({ normal: 12, soak: 400 });
/** Accounts that exist all along, and do not change what they are sorted by. */
const STABLE = 130;

let db: TestDatabase;
let administrator: Administrator;

/** Inserts an account for each name. Some are inactive, and some expire. */
const insert = (names: string[]) =>
  db.pool.query(
    `with inserted as (
       insert into api_accounts (id, username, username_folded, email, phone, display_name, active, expires_at)
         select gen_random_uuid(), name, lower(name), name || '@example.com', '+447894123456', 'Shown ' || name,
           length(name) % 3 <> 0, case when ascii(name) % 2 = 0 then now() + ascii(name) * interval '1 day' end
         from unnest($1::text[]) as name on conflict do nothing returning id)
     insert into api_account_usage (account_id) select id from inserted`,
    [names],
  );

beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
  const names = Array.from({ length: STABLE }, (_, index) => `${(index * 7919).toString(36)} ${index}`);
  // In different transactions, because their times of creation are sorted by.
  for (let from = 0; from < STABLE; from += 13) await insert(names.slice(from, from + 13));
});
afterAll(() => db.drop());

const nameArbitrary = fc.stringMatching(/^[a-z0-9]{1,4} [a-z]{0,4}$/);
/** What happens between two pages, to accounts whose usernames begin like others, but end with a mark. */
const changeArbitrary = fc.record({
  inserted: fc.array(nameArbitrary, { maxLength: 12 }),
  deletedShare: fc.double({ min: 0, max: 0.6, noNaN: true }),
  renamedShare: fc.double({ min: 0, max: 1, noNaN: true }),
});
type Change = typeof changeArbitrary extends fc.Arbitrary<infer Value> ? Value : never;

async function change({ inserted, deletedShare, renamedShare }: Change): Promise<void> {
  await insert(inserted.map((name) => `${name}~`));
  await db.pool.query("delete from api_accounts where username like '%~' and random() < $1", [deletedShare]);
  await db.pool.query(
    `update api_accounts set display_name = 'Renamed ' || md5(random()::text), email = md5(random()::text) || '@example.com',
       expires_at = now() + random() * interval '900 days' where username like '%~' and random() < $1`,
    [renamedShare],
  );
  // The others are renamed, too, but nothing changes by which they are sorted.
  await db.pool.query(
    "update api_accounts set display_name = 'Shown ' || username, version = version + 1 where random() < $1",
    [renamedShare],
  );
}

const filterArbitrary = fc.record({
  search: fc.constantFrom('', '', 'example', '1', 'shown'),
  status: fc.constantFrom('all', 'all', 'inactive', 'active'),
  sort: fc.constantFrom('username', 'created', 'expires', 'email', 'phone'),
  order: fc.constantFrom('asc', 'desc'),
} satisfies { [Name in keyof AccountFilter]: fc.Arbitrary<AccountFilter[Name]> });

describe('the pages of the list', () => {
  it('contain each account that exists all along exactly once, in both directions', async () => {
    const show = (filter: AccountFilter, position: { after?: string; before?: string }) =>
      listApiAccounts(db.database, administrator, { filter, ...position });
    const getStable = (pages: AccountPage[]) =>
      pages
        .flatMap(({ accounts }) => accounts)
        .map(({ username }) => username)
        .filter((username) => !username.endsWith('~'));
    const property = fc.asyncProperty(
      filterArbitrary,
      fc.array(changeArbitrary, { minLength: 3, maxLength: 3 }),
      async (filter, changes) => {
        let step = 0;
        const changeOnce = async () => {
          const next = changes[step % changes.length];
          step += 1;
          if (next) await change(next);
        };
        const forwards = [await show(filter, {})];
        for (let next = forwards[0]?.next; next; next = forwards.at(-1)?.next) {
          await changeOnce();
          forwards.push(await show(filter, { after: next }));
        }
        const last = forwards.at(-1);
        const backwards = last ? [last] : [];
        for (let previous = last?.previous; previous; previous = backwards[0]?.previous) {
          await changeOnce();
          backwards.unshift(await show(filter, { before: previous }));
        }
        const expected = (
          await db.pool.query<{ username: string }>(
            `select username from api_accounts where username not like '%~'
               and ($1 = '' or $1 in ('example', 'shown') or username like $1 || '%')
               and case $2 when 'inactive' then not active when 'active' then false else true end`,
            [filter.search, filter.status],
          )
        ).rows.map(({ username }) => username);
        expect(getStable(forwards).toSorted()).toEqual(expected.toSorted());
        expect(getStable(backwards).toSorted()).toEqual(expected.toSorted());
      },
    );
    await fc.assert(property, { numRuns: RUNS, seed: TEST_SEED, endOnFailure: true });
  });

  it.each(['asc', 'desc'] as const)(
    'lead back from a page whose accounts were all deleted: %s',
    async (order) => {
      const filter: AccountFilter = { search: 'gone', status: 'all', sort: 'email', order };
      const show = (position: { after?: string; before?: string } = {}) =>
        listApiAccounts(db.database, administrator, { filter, ...position });
      const names = Array.from({ length: 60 }, (_, index) => `gone ${index}~`);
      await insert(names);
      const first = await show();
      const shown = first.accounts.map(({ username }) => username);
      const deleteOthers = (kept: string[]) =>
        db.pool.query("delete from api_accounts where username like 'gone %' and username <> all ($1)", [
          kept,
        ]);
      await deleteOthers(shown);
      const empty = await show({ after: first.next ?? '' });
      expect(empty).toMatchObject({ accounts: [], next: null, previous: expect.any(String) });
      const last = await show({ before: empty.previous ?? '' });
      expect(last.accounts.map(({ username }) => username)).toEqual(shown);
      await insert(names);
      const second = await show({ after: first.next ?? '' });
      const keptLast = second.accounts.map(({ username }) => username);
      await deleteOthers(keptLast);
      const emptyFirst = await show({ before: second.previous ?? '' });
      expect(emptyFirst).toMatchObject({ accounts: [], previous: null, next: expect.any(String) });
      const again = await show({ after: emptyFirst.next ?? '' });
      expect(again.accounts.map(({ username }) => username)).toEqual(keptLast);
      await deleteOthers([]);
    },
  );
});
