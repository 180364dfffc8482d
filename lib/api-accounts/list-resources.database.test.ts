import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import {
  type AccountResource,
  accountSchema,
  RESOURCE_STATUSES,
  type ResourceStatus,
  readAccountResource,
} from '#lib/account-state/resource.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { createTestAccount, createTestAdministrator, letTimePass, revealKey } from '#lib/testing/accounts.ts';
import { listAccountResources } from './list-resources.ts';

let db: TestDatabase;
let administrator: Administrator;

beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
});
afterAll(() => db.drop());

/** How an account of each status comes about, from one whose delivery is in progress. */
const CHANGES: Record<string, { status: ResourceStatus; change(id: string): Promise<unknown> }> = {
  'a delivery in progress': { status: 'awaiting_collection', change: async () => {} },
  'a delayed email': {
    status: 'awaiting_collection',
    change: (id) => failEmail(id, 'queued'),
  },
  'a collected key': { status: 'active', change: (id) => revealKey(db.database, id) },
  'an inactive account': { status: 'inactive', change: (id) => update(id, 'active = false') },
  'an inactive account whose link has expired': {
    status: 'inactive',
    change: async (id) => {
      await update(id, 'active = false');
      await letTimePass(db.database, id, '2 days');
    },
  },
  'an expired account': {
    status: 'expired',
    change: (id) => update(id, "expires_at = now() - interval '1 minute'"),
  },
  'an expired account with a key': {
    status: 'expired',
    change: async (id) => {
      await revealKey(db.database, id);
      await update(id, "expires_at = now() - interval '1 minute'");
    },
  },
  'a locked delivery': {
    status: 'locked',
    change: (id) =>
      db.pool.query("update reveals set ended_at = now(), end_reason = 'locked' where account_id = $1", [id]),
  },
  'an expired link': { status: 'delivery_failed', change: (id) => letTimePass(db.database, id, '2 days') },
  'an email that could not be sent': {
    status: 'delivery_failed',
    change: (id) => failEmail(id, 'failed'),
  },
  'a blocked text': {
    status: 'delivery_failed',
    change: (id) =>
      db.pool.query(
        `update messages set state = 'refused', failure = 'the daily limit was reached', ended_at = now()
         where kind = 'code' and reveal_id in (select id from reveals where account_id = $1)`,
        [id],
      ),
  },
};

const update = (id: string, set: string) =>
  db.pool.query(`update api_accounts set ${set} where id = $1`, [id]);
const failEmail = (id: string, state: 'queued' | 'failed') =>
  db.pool.query(
    `update messages set state = $2, failure = 'the mailbox is full', attempts = 1,
       ended_at = case when $2 = 'failed' then now() end
     where kind = 'reveal_link' and reveal_id in (select id from reveals where account_id = $1)`,
    [id, state],
  );

const list = (query: Partial<Parameters<typeof listAccountResources>[2]>) =>
  listAccountResources(db.database, administrator, { search: '', limit: 200, ...query });

describe('readAccountResource and listAccountResources', () => {
  it('agree on the status of every account', async () => {
    const byStatus = new Map<ResourceStatus, string[]>();
    for (const [username, { status, change }] of Object.entries(CHANGES)) {
      const { id } = await createTestAccount(db.database, administrator, { username });
      await change(id);
      const account = await readAccountResource(db.database, id);
      expect(account?.status, username).toBe(status);
      expect(accountSchema.parse(account)).toEqual(account);
      byStatus.set(status, [...(byStatus.get(status) ?? []), username]);
    }
    expect([...byStatus.keys()].toSorted()).toEqual([...RESOURCE_STATUSES].toSorted());
    for (const [status, usernames] of byStatus) {
      const { data } = await list({ status });
      expect(data.map(({ username }) => username).toSorted(), status).toEqual(usernames.toSorted());
      expect(new Set(data.map((account) => account.status))).toEqual(new Set([status]));
    }
  });

  it('lists each account once, page by page, in the order of the usernames', async () => {
    const all = (await list({})).data;
    expect(all.length).toBe(Object.keys(CHANGES).length);
    const pages: AccountResource[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await list({ limit: 2, cursor });
      pages.push(...page.data);
      if (page.nextCursor === null) break;
      cursor = Buffer.from(page.nextCursor, 'base64url').toString();
    }
    expect(pages).toEqual(all);
    expect(all.map(({ username }) => username)).toEqual(Object.keys(CHANGES).toSorted());
    const found = await list({ search: 'expired account', limit: 1 });
    expect(found.data).toHaveLength(1);
    expect(found.nextCursor).not.toBeNull();
  });

  it('returns null for an account that does not exist', async () => {
    expect(await readAccountResource(db.database, '019ac000-0000-7000-8000-000000000000')).toBeNull();
  });
});
