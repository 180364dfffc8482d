import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import type { AccountSummary } from '#lib/api-accounts/schema.ts';
import { readSummary } from '#lib/api-accounts/summary.ts';
import { updateApiAccount } from '#lib/api-accounts/update.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { createTestAccount, createTestAdministrator, revealKey } from '#lib/testing/accounts.ts';
import { avoidTimeBoundary } from '#lib/testing/clock.ts';
import { setQueuedSmsCount, setSmsPolicy } from '#lib/testing/sms.ts';
import { exportBulkJobItems, listBulkJobItems, readBulkJob } from './read.ts';
import { runBulkJob } from './run.ts';
import type { BulkChange, BulkJobView } from './schema.ts';
import { cancelBulkJob, countSelection, startBulkJob } from './start.ts';

let db: TestDatabase;
let administrator: Administrator;

beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
  await setSmsPolicy(db.database, { perDay: 100_000 });
  await avoidTimeBoundary(db.pool, 'day', 30_000);
});
afterAll(() => db.drop());

let prefixes = 0;

/** Creates accounts whose usernames sort in this order. `withKeys`: whether their keys are collected. */
async function createAccounts(count: number, { withKeys = false } = {}): Promise<AccountSummary[]> {
  prefixes += 1;
  const accounts = [];
  for (let number = 1; number <= count; number += 1) {
    const account = await createTestAccount(db.database, administrator, {
      username: `Batch ${prefixes} ${String(number).padStart(3, '0')}`,
    });
    if (withKeys) await revealKey(db.database, account.id);
    accounts.push(account);
  }
  return accounts;
}

async function start(
  accounts: Pick<AccountSummary, 'id'>[],
  change: BulkChange,
  { by = administrator } = {},
): Promise<string> {
  const selection = { ids: accounts.map(({ id }) => id) };
  const result = await startBulkJob(db.database, by, {
    id: randomUUID(),
    selection,
    change,
    count: accounts.length,
  });
  if (!result.ok) throw new Error(JSON.stringify(result));
  return result.id;
}

const run = (id: string, signal = new AbortController().signal) => runBulkJob(db.database, id, signal);

async function read(id: string): Promise<BulkJobView> {
  const job = await readBulkJob(db.database, administrator, { id });
  if (!job) throw new Error('no job');
  return job;
}

async function readItems(id: string) {
  const { items } = await listBulkJobItems(db.database, administrator, { id, view: 'all', after: 0 });
  return items;
}

/** Counts the audit events of an action, by account. */
async function countEvents(accounts: Pick<AccountSummary, 'id'>[], action: string): Promise<number[]> {
  const { rows } = await db.pool.query<{ account_id: string; count: number }>(
    `select account_id, count(*)::int as count from audit_events where action = $1 and account_id = any($2)
       group by account_id`,
    [action, accounts.map(({ id }) => id)],
  );
  const counts = new Map(rows.map(({ account_id, count }) => [account_id, count]));
  return accounts.map(({ id }) => counts.get(id) ?? 0);
}

describe('startBulkJob', () => {
  it('selects by the filter of the list, and refuses another number than was confirmed', async () => {
    const accounts = await createAccounts(3);
    const search = accounts[0]?.username.slice(0, -4) ?? '';
    const selection = { filter: { search, status: 'all' as const } };
    expect(await countSelection(db.database, administrator, selection)).toBe(3);
    const input = { id: randomUUID(), selection, change: { operation: 'deactivate' as const } };
    expect(await startBulkJob(db.database, administrator, { ...input, count: 2 })).toEqual({
      ok: false,
      reason: 'changed',
      count: 3,
    });
    expect(await readBulkJob(db.database, administrator, { id: input.id })).toBeNull();
    expect(await startBulkJob(db.database, administrator, { ...input, count: 3 })).toEqual({
      ok: true,
      id: input.id,
    });
    const started = await db.pool.query("select details from audit_events where action = 'bulk_job.started'");
    expect(started.rows).toEqual([
      { details: { bulkJobId: input.id, operation: 'deactivate', apiAccounts: 3 } },
    ]);
    expect((await readItems(input.id)).map(({ username }) => username)).toEqual(
      accounts.map(({ username }) => username),
    );
  });

  it('starts one job if a request is repeated', async () => {
    const accounts = await createAccounts(1);
    const selection = { ids: accounts.map(({ id }) => id) };
    const input = { id: randomUUID(), selection, change: { operation: 'resend' as const }, count: 1 };
    for (const _ of [1, 2])
      expect(await startBulkJob(db.database, administrator, input)).toEqual({ ok: true, id: input.id });
    expect(await readItems(input.id)).toHaveLength(1);
  });

  it('requires recent authentication, except to deactivate', async () => {
    const accounts = await createAccounts(1);
    const unconfirmed = { ...administrator, hasRecentAuth: false };
    const id = await start(accounts, { operation: 'deactivate' }, { by: unconfirmed });
    await run(id);
    expect(await read(id)).toMatchObject({ state: 'done', counts: { done: 1 } });
    for (const change of [
      { operation: 'activate' },
      { operation: 'resend' },
      { operation: 'reset', oldKey: 'immediately' },
      { operation: 'set_limit', requestsPerMinute: null },
    ] as const) {
      await expect(start(accounts, change, { by: unconfirmed })).rejects.toThrow('reauthentication_required');
    }
  });

  it('refuses values that no account can have', async () => {
    const accounts = await createAccounts(1);
    await expect(start(accounts, { operation: 'set_scopes', scopes: ['no:such'] })).rejects.toThrow(
      'The scope “no:such” doesn’t exist',
    );
  });
});

describe('runBulkJob', () => {
  it.each<[BulkChange, string, Partial<AccountSummary>]>([
    [{ operation: 'resend' }, 'reveal.sent_again', {}],
    [{ operation: 'deactivate' }, 'api_account.deactivated', { active: false }],
    [{ operation: 'reset', oldKey: { hours: 24 } }, 'api_key.reset', { hasKey: false }],
    [
      { operation: 'set_expiry', expiresAt: new Date('2099-01-31T23:59:00Z') },
      'api_account.edited',
      { expiresAt: new Date('2099-01-31T23:59:00Z') },
    ],
    [{ operation: 'set_limit', requestsPerMinute: 60 }, 'api_account.edited', { requestsPerMinute: 60 }],
    [{ operation: 'set_scopes', scopes: [] }, 'api_account.edited', {}],
  ])('changes each account as the single action does: %o', async (change, action, expected) => {
    const accounts = await createAccounts(2);
    // Resends are at least a minute apart.
    await db.pool.query(
      `update reveals set email_queued_at = email_queued_at - interval '1 hour',
         code_issued_at = code_issued_at - interval '1 hour'`,
    );
    const id = await start(accounts, change);
    expect(await run(id)).toBeNull();
    expect(await read(id)).toMatchObject({ state: 'done', total: 2, counts: { done: 2, failed: 0 } });
    expect(await countEvents(accounts, action)).toEqual([1, 1]);
    for (const account of accounts)
      expect(await readSummary(db.database, account.id)).toMatchObject(expected);
  });

  it('activates accounts again, and keeps the old key of a reset for the chosen time', async () => {
    const accounts = await createAccounts(2, { withKeys: true });
    const resetId = await start(accounts, { operation: 'reset', oldKey: 'on_first_use' });
    await run(resetId);
    for (const { id } of accounts)
      expect((await readSummary(db.database, id))?.oldKey).toMatchObject({ endsOn: 'first_use' });
    await run(await start(accounts, { operation: 'deactivate' }));
    await run(await start(accounts, { operation: 'activate' }));
    for (const { id } of accounts)
      expect(await readSummary(db.database, id)).toMatchObject({ active: true, oldKey: null });
  });

  it('reports accounts that were changed or deleted since it was started, and changes the others', async () => {
    const [edited, collected, deleted, untouched] = await createAccounts(4);
    if (!edited || !collected || !deleted || !untouched) throw new Error('too few accounts');
    const id = await start([edited, collected, deleted, untouched], {
      operation: 'reset',
      oldKey: 'immediately',
    });
    await updateApiAccount(db.database, administrator, { id: edited.id, notes: 'Changed' });
    await revealKey(db.database, collected.id);
    await db.pool.query('delete from api_accounts where id = $1', [deleted.id]);
    await run(id);
    const items = await readItems(id);
    expect(items.map(({ state, errors }) => [state, ...errors.map(({ detail }) => detail)])).toEqual([
      ['failed', expect.stringContaining('Ada Minister changed this account after you started the job')],
      ['failed', 'The key was collected after you started the job.'],
      ['failed', 'This account no longer exists.'],
      ['done'],
    ]);
    let text = '';
    for await (const chunk of await exportBulkJobItems(db.database, administrator, { id, view: 'problems' }))
      text += chunk;
    expect(text.split('\r\n')).toEqual([
      '\ufeff"username","account_id","result","detail"',
      expect.stringContaining(`"${edited.username}","${edited.id}","failed","Ada Minister changed`),
      expect.stringContaining(`"${collected.username}"`),
      `"","${deleted.id}","failed","This account no longer exists."`,
      '',
    ]);
  });

  it('changes each account once, also if several workers run it and connections are lost', async () => {
    const accounts = await createAccounts(40);
    const id = await start(accounts, { operation: 'reset', oldKey: 'immediately' });
    const worker = await Promise.allSettled(
      Array.from({ length: 3 }, async (_, index) => {
        if (index > 0) return run(id);
        await db.pool.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
             where datname = current_database() and pid <> pg_backend_pid()`,
        );
        return null;
      }),
    );
    expect(worker).toHaveLength(3);
    // As the queue does after an error.
    for (let runs = 0; (await run(id)) !== null && runs < 10; runs += 1);
    expect(await read(id)).toMatchObject({ state: 'done', counts: { done: 40 } });
    expect(await countEvents(accounts, 'api_key.reset')).toEqual(accounts.map(() => 1));
  });

  it('goes on where it was if the worker stops', async () => {
    const accounts = await createAccounts(12);
    const id = await start(accounts, { operation: 'deactivate' });
    let checks = 0;
    const signal = {
      get aborted() {
        checks += 1;
        return checks > 4;
      },
    } as AbortSignal;
    expect(await run(id, signal)).toBe(0);
    const { counts } = await read(id);
    expect(counts.done).toBe(4);
    expect(counts.pending).toBe(8);
    expect(await run(id)).toBeNull();
    expect((await read(id)).counts.done).toBe(12);
    expect(await countEvents(accounts, 'api_account.deactivated')).toEqual(accounts.map(() => 1));
  });

  it('changes no further account once it was cancelled', async () => {
    const accounts = await createAccounts(30);
    const id = await start(accounts, { operation: 'deactivate' });
    const running = run(id);
    while ((await read(id)).counts.done === 0);
    expect(await cancelBulkJob(db.database, administrator, { id })).toEqual({ ok: true });
    const { counts } = await read(id);
    expect(counts.pending).toBeGreaterThan(0);
    expect(await running).toBeNull();
    expect(await read(id)).toMatchObject({ state: 'cancelled', counts });
    const deactivated = await countEvents(accounts, 'api_account.deactivated');
    expect(deactivated.filter(Boolean)).toHaveLength(counts.done);
    expect(await run(id)).toBeNull();
    expect(await cancelBulkJob(db.database, administrator, { id })).toEqual({ ok: false, reason: 'ended' });
  });

  it.each(['role = null', 'active = false'])(
    'stops if the administrator may no longer change accounts: %s',
    async (change) => {
      const ben = await createTestAdministrator(db.database, 'Ben Minister');
      const accounts = await createAccounts(2);
      const id = await start(accounts, { operation: 'deactivate' }, { by: ben });
      await db.pool.query(`update users set ${change} where id = $1`, [ben.userId]);
      expect(await run(id)).toBeNull();
      expect(await read(id)).toMatchObject({
        state: 'stopped',
        stopReason: 'not_administrator',
        counts: { pending: 2 },
      });
      expect(await countEvents(accounts, 'api_account.deactivated')).toEqual([0, 0]);
    },
  );

  it('waits for the daily limit of texts, and goes on when it is raised', async () => {
    const accounts = await createAccounts(5, { withKeys: true });
    await setSmsPolicy(db.database, { perDay: 100 });
    await setQueuedSmsCount(db.database, 98);
    const id = await start(accounts, { operation: 'reset', oldKey: 'immediately' });
    expect(await run(id)).toBe(60);
    const waiting = await read(id);
    expect(waiting).toMatchObject({ state: 'running', counts: { done: 2, pending: 3 } });
    expect(waiting.waitingUntil?.getTime()).toBeGreaterThan(Date.now());
    // The keys of the others were not reset.
    expect((await countEvents(accounts, 'api_key.reset')).filter(Boolean)).toHaveLength(2);
    await setSmsPolicy(db.database, { perDay: 1_000 });
    expect(await run(id)).toBeNull();
    expect(await read(id)).toMatchObject({ state: 'done', waitingUntil: null, counts: { done: 5 } });
  });

  it('notes texts that are blocked for another reason, and does not wait', async () => {
    const accounts = await createAccounts(2, { withKeys: true });
    await setSmsPolicy(db.database, { perDay: 0 });
    const id = await start(accounts, { operation: 'reset', oldKey: 'immediately' });
    expect(await run(id)).toBeNull();
    await setSmsPolicy(db.database, { perDay: 100_000 });
    const items = await readItems(id);
    expect(items.map(({ state, note }) => [state, note])).toEqual([
      ['done', 'Text not sent: texts are turned off.'],
      ['done', 'Text not sent: texts are turned off.'],
    ]);
  });

  it('ends an item that fails for an unknown reason, and does the others', async () => {
    const [broken, other] = await createAccounts(2);
    if (!broken || !other) throw new Error('too few accounts');
    const id = await start([broken, other], { operation: 'set_limit', requestsPerMinute: 7 });
    await db.pool.query(
      `alter table api_accounts add constraint broken check (requests_per_minute <> 7 or id <> '${broken.id}')`,
    );
    expect(await run(id)).toBeNull();
    await db.pool.query('alter table api_accounts drop constraint broken');
    const items = await readItems(id);
    expect(items.map(({ state, errors }) => [state, errors.length])).toEqual([
      ['failed', 1],
      ['done', 0],
    ]);
    expect(items[0]?.errors[0]?.detail).toContain('Something went wrong');
  });
});
