import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { ATTEMPTS_PER_LINK } from '#lib/account-state/limits.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { createTestAccount, createTestAdministrator, letTimePass, revealKey } from '#lib/testing/accounts.ts';
import { changeAccount, readLatestChange } from '#lib/testing/contact-changes.ts';
import { acceptMessage, reportDelivery } from '#lib/testing/messages.ts';
import { countAccounts } from './count.ts';
import { listApiAccounts } from './list.ts';
import { ACCOUNT_TABS, type AccountTab, DEFAULT_FILTER, needsAttention } from './list-filter.ts';
import type { AccountSummary } from './schema.ts';

let db: TestDatabase;
let administrator: Administrator;

const deactivate = (account: AccountSummary) =>
  changeAccount(db.database, administrator, account, { active: false });
const expire = ({ id }: AccountSummary) => letTimePass(db.database, id, '25 hours');
const setMessage = ({ id }: AccountSummary, channel: string, state: string) =>
  db.pool.query(
    `update messages set state = $3, failure = 'why', ended_at = case when $3 = 'queued' then null else now() end
     where channel = $2 and reveal_id = (select reveal_id from api_accounts where id = $1)`,
    [id, channel, state],
  );
const setExpiry = (id: string, interval: string) =>
  db.pool.query('update api_accounts set expires_at = now() + $2::interval where id = $1', [id, interval]);
const changeEmail = (account: AccountSummary) =>
  changeAccount(db.database, administrator, account, { email: `new-${account.email}` });

/** What is done to each account after its creation, and the tabs that it is then in, besides `all`. */
const CASES: Record<string, { prepare: (account: AccountSummary) => Promise<unknown>; tabs: AccountTab[] }> =
  {
    'awaiting collection': { prepare: async () => {}, tabs: [] },
    active: { prepare: ({ id }) => revealKey(db.database, id), tabs: ['active'] },
    'inactive, and expired': {
      prepare: async (account) => {
        await deactivate(account);
        await setExpiry(account.id, '-1 day');
      },
      tabs: ['inactive'],
    },
    inactive: { prepare: deactivate, tabs: ['inactive'] },
    'with an expired link': { prepare: expire, tabs: ['needs_attention'] },
    'inactive, with an expired link': {
      prepare: async (account) => {
        await deactivate(account);
        await expire(account);
      },
      tabs: ['inactive'],
    },
    'expired, with an expired link': {
      prepare: async (account) => {
        await setExpiry(account.id, '-1 day');
        await expire(account);
      },
      tabs: ['expiring'],
    },
    'expired, with a key': {
      prepare: async (account) => {
        await revealKey(db.database, account.id);
        await setExpiry(account.id, '-1 day');
      },
      tabs: ['expiring'],
    },
    locked: {
      prepare: ({ id }) =>
        db.pool.query(
          `update reveals set link_attempts = $2, ended_at = now(), end_reason = 'locked' where account_id = $1`,
          [id, ATTEMPTS_PER_LINK],
        ),
      tabs: ['needs_attention'],
    },
    'with a bounced email': {
      prepare: async ({ id }) =>
        reportDelivery(db.database, await acceptMessage(db.database, id, 'email', 'resend'), 'bounced'),
      tabs: ['needs_attention'],
    },
    'inactive, with a failed email': {
      prepare: async (account) => {
        await deactivate(account);
        await setMessage(account, 'email', 'failed');
      },
      tabs: ['needs_attention', 'inactive'],
    },
    'with a blocked text': {
      prepare: (account) => setMessage(account, 'sms', 'refused'),
      tabs: ['needs_attention'],
    },
    'with a delayed text': {
      prepare: (account) => setMessage(account, 'sms', 'queued'),
      tabs: ['needs_attention'],
    },
    'active, after a failed email': {
      prepare: async (account) => {
        await setMessage(account, 'email', 'failed');
        await revealKey(db.database, account.id);
      },
      tabs: ['active'],
    },
    'with a reported change': {
      prepare: async (account) => {
        await revealKey(db.database, account.id);
        await changeEmail(account);
        const { id } = await readLatestChange(db.database, account.id);
        await db.pool.query('update contact_changes set reported_at = now() where id = $1', [id]);
      },
      tabs: ['needs_attention', 'active'],
    },
    'with a resolved report': {
      prepare: async (account) => {
        await changeEmail(account);
        const { id } = await readLatestChange(db.database, account.id);
        await db.pool.query(
          'update contact_changes set reported_at = now(), resolved_at = now(), resolved_by = $2 where id = $1',
          [id, administrator.userId],
        );
      },
      tabs: [],
    },
    'with a notice that failed': {
      prepare: async (account) => {
        await changeEmail(account);
        const { id } = await readLatestChange(db.database, account.id);
        await db.pool.query(
          "update messages set state = 'failed', failure = 'why', ended_at = now() where change_id = $1",
          [id],
        );
      },
      tabs: ['needs_attention'],
    },
    'that expires soon': {
      prepare: async ({ id }) => {
        await revealKey(db.database, id);
        await setExpiry(id, '29 days');
      },
      tabs: ['active', 'expiring'],
    },
    'that expires later': { prepare: ({ id }) => setExpiry(id, '32 days'), tabs: [] },
    'that was not collected for 8 days': {
      prepare: ({ id }) => letTimePass(db.database, id, '8 days'),
      tabs: ['needs_attention', 'unused'],
    },
    'whose key was not used for 91 days': {
      prepare: async ({ id }) => {
        await revealKey(db.database, id);
        await db.pool.query(
          "update api_accounts set key_generated_at = now() - interval '91 days' where id = $1",
          [id],
        );
      },
      tabs: ['active', 'unused'],
    },
  };

const NAMES = Object.keys(CASES).toSorted();
const getNames = (tab: AccountTab) =>
  NAMES.filter((name) => tab === 'all' || CASES[name]?.tabs.includes(tab));

beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
  for (const [username, { prepare }] of Object.entries(CASES))
    await prepare(await createTestAccount(db.database, administrator, { username }));
});
afterAll(() => db.drop());

describe('the tabs of the list', () => {
  it.each(ACCOUNT_TABS)('list and count their accounts: %s', async (status) => {
    const filter = { ...DEFAULT_FILTER, status };
    const { accounts, counts } = await listApiAccounts(db.database, administrator, { filter });
    expect(accounts.map(({ username }) => username)).toEqual(getNames(status));
    expect(counts[status]).toEqual({ count: getNames(status).length, isExact: true });
  });

  it('list the same accounts as needing attention as their rows show', async () => {
    const { accounts } = await listApiAccounts(db.database, administrator, { filter: DEFAULT_FILTER });
    expect(accounts.filter(needsAttention).map(({ username }) => username)).toEqual(
      getNames('needs_attention'),
    );
  });

  it('count what matches a search', async () => {
    expect((await countAccounts(db.database, 'inactive, with')).counts).toEqual({
      all: { count: 2, isExact: true },
      needs_attention: { count: 1, isExact: true },
      active: { count: 0, isExact: true },
      inactive: { count: 2, isExact: true },
      expiring: { count: 0, isExact: true },
      unused: { count: 0, isExact: true },
    });
    expect((await countAccounts(db.database, 'expired')).counts).toMatchObject({
      all: { count: 5 },
      needs_attention: { count: 1 },
      active: { count: 0 },
      inactive: { count: 2 },
      expiring: { count: 2 },
    });
  });
});
