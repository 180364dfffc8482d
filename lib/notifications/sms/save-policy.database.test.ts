import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { auditEvents } from '#db/schema/audit-events.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { withTransaction } from '#db/with-transaction.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { createTestAccount, createTestAdministrator } from '#lib/testing/accounts.ts';
import { deleteSmsData } from '#lib/testing/sms.ts';
import { allowsCountry, consumeSmsQuota, readSmsPolicy } from './policy.ts';
import { saveSmsPolicy } from './save-policy.ts';

let db: TestDatabase;
let administrator: Administrator;

beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
});
beforeEach(async () => {
  await deleteSmsData(db.database);
  await db.pool.query('truncate audit_events');
});
afterAll(() => db.drop());

const DEFAULTS = { countries: [], perDay: 200, perAccountPerDay: 20 };
const save = (
  version: number,
  fields: Partial<typeof DEFAULTS | { countries: string[] }>,
  editor = administrator,
) => saveSmsPolicy(db.database, editor, { ...DEFAULTS, version, ...fields });
const readAuditEvents = () =>
  db.database.select().from(auditEvents).where(eq(auditEvents.action, 'text_rules.changed'));

const REAUTHENTICATION_REQUIRED = { ok: false, reason: 'reauthentication_required' };

describe('readSmsPolicy', () => {
  it("returns the defaults: the organisation's own country, 200 SMS a day, and 20 per account", async () => {
    const policy = await readSmsPolicy(db.database);
    expect(policy).toEqual({ ...DEFAULTS, version: 0 });
    expect(allowsCountry(policy, 'GB')).toBe(true);
    expect(allowsCountry(policy, 'DK')).toBe(false);
  });
});

describe('saveSmsPolicy', () => {
  it('requires recent authentication to change the limits or the countries', async () => {
    const stale = { ...administrator, hasRecentAuth: false };
    for (const change of [{ perDay: 10_000 }, { perAccountPerDay: 1 }, { countries: ['DK'] }])
      expect(await save(0, change, stale)).toEqual(REAUTHENTICATION_REQUIRED);
    expect(await readSmsPolicy(db.database)).toEqual({ ...DEFAULTS, version: 0 });
    expect(await readAuditEvents()).toEqual([]);
    expect(await save(0, { perDay: 10_000 })).toMatchObject({ ok: true });
  });

  it('saves the policy, and records an audit event with the old and new values', async () => {
    const first = await save(0, { countries: ['NO', 'DK', 'NO'], perDay: 50 });
    expect(first).toEqual({
      ok: true,
      policy: { countries: ['DK', 'NO'], perDay: 50, perAccountPerDay: 20, version: 1 },
    });
    await save(1, { countries: ['DK'], perDay: 50, perAccountPerDay: 3 });
    expect(await readSmsPolicy(db.database)).toEqual({
      ...{ countries: ['DK'], perDay: 50, perAccountPerDay: 3, version: 2 },
    });
    const firstValues = { ...DEFAULTS, countries: ['DK', 'NO'], perDay: 50 };
    const secondValues = { countries: ['DK'], perDay: 50, perAccountPerDay: 3 };
    expect(await readAuditEvents()).toMatchObject([
      { userId: administrator.userId, accountId: null, details: { before: DEFAULTS, after: firstValues } },
      {
        userId: administrator.userId,
        accountId: null,
        details: { before: firstValues, after: secondValues },
      },
    ]);
  });

  it("ignores unknown countries, and the organisation's own country, which is always allowed", async () => {
    const saved = await save(0, { countries: ['GB', 'XX', 'DK'] });
    expect(saved).toMatchObject({ policy: { countries: ['DK'] } });
    expect(allowsCountry(await readSmsPolicy(db.database), 'GB')).toBe(true);
  });

  it('writes nothing if nothing has changed', async () => {
    expect(await save(0, {})).toEqual({ ok: true, policy: { ...DEFAULTS, version: 0 } });
    expect(await readAuditEvents()).toEqual([]);
  });

  it('returns the current policy and its editor on an edit conflict', async () => {
    const otherEditor = await createTestAdministrator(db.database, 'Otto Editor');
    await save(0, { countries: ['NO'] }, otherEditor);
    expect(await save(0, { countries: ['DK'] })).toEqual({
      ok: false,
      reason: 'changed',
      current: { ...DEFAULTS, countries: ['NO'], version: 1 },
      changedBy: 'Otto Editor',
    });
    expect(await save(1, { countries: ['DK'] })).toMatchObject({ ok: true, policy: { version: 2 } });
  });

  it('returns the email address of an editor without a name', async () => {
    const nameless = await createTestAdministrator(db.database, '');
    await save(0, { countries: ['NO'] }, nameless);
    expect(await save(0, { countries: ['DK'] })).toMatchObject({
      reason: 'changed',
      changedBy: nameless.email,
    });
  });

  // The first save inserts the row, and the second one updates it.
  it.each(['first', 'second'])(
    'accepts only one of twenty concurrent attempts at the %s save',
    async (ordinal) => {
      const version = ordinal === 'first' ? 0 : 1;
      if (version > 0) await save(0, { perDay: 1_000 });
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, index) => save(version, { perDay: index })),
      );
      expect(results.filter(({ ok }) => ok)).toHaveLength(1);
      expect(await readSmsPolicy(db.database)).toMatchObject({ version: version + 1 });
      expect(await readAuditEvents()).toHaveLength(version + 1);
    },
  );

  it('waits for a transaction that queues an SMS under the previous policy', async () => {
    await save(0, { perDay: 100 });
    const { id: accountId } = await createTestAccount(db.database, administrator);
    const { promise: quotaConsumed, resolve: resolveQuotaConsumed } = Promise.withResolvers<void>();
    const { promise: mayCommit, resolve: allowCommit } = Promise.withResolvers<void>();
    const commits: string[] = [];
    const queueing = withTransaction(db.database, async (transaction) => {
      await consumeSmsQuota(transaction, { accountId, phone: '+447894123456' });
      resolveQuotaConsumed();
      await mayCommit;
      commits.push('SMS');
    });
    await quotaConsumed;
    const saving = save(1, { perDay: 0 }).then(() => commits.push('policy'));
    // Waits until the save is blocked by the lock.
    const blockedBackends =
      "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
    while ((await db.pool.query(blockedBackends)).rowCount === 0);
    allowCommit();
    await Promise.all([queueing, saving]);
    expect(commits).toEqual(['SMS', 'policy']);
  });

  it('changes nothing if the audit event cannot be written', async () => {
    await db.pool.query('alter table audit_events add constraint reject_all check (false) not valid');
    onTestFinished(async () => {
      await db.pool.query('alter table audit_events drop constraint reject_all');
    });
    await expect(save(0, { perDay: 5 })).rejects.toThrow();
    expect(await readSmsPolicy(db.database)).toEqual({ ...DEFAULTS, version: 0 });
  });
});
