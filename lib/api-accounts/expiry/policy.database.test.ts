import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { createApiAccount } from '#lib/api-accounts/create.ts';
import { readAccount } from '#lib/api-accounts/read-account.ts';
import { editApiAccountSchema, newApiAccountSchema } from '#lib/api-accounts/schema.ts';
import { updateApiAccount } from '#lib/api-accounts/update.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { createTestAccount, createTestAdministrator } from '#lib/testing/accounts.ts';
import { avoidTimeBoundary } from '#lib/testing/clock.ts';
import { readExpiryLimits, readExpiryPolicy } from './policy.ts';
import { saveExpiryPolicy } from './save-policy.ts';
import { expiryPolicySchema } from './schema.ts';

const DAY_MS = 24 * 3_600_000;
/** Days of this time zone begin 13 or 12 hours before those of UTC. */
const TIME_ZONE = 'Pacific/Auckland';

let db: TestDatabase;
let administrator: Administrator;

beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
  settings().organisationTimeZone = TIME_ZONE;
  await avoidTimeBoundary(db.pool, 'hour', 20_000);
});
afterAll(async () => {
  settings().organisationTimeZone = 'UTC';
  await db.drop();
});
beforeEach(() => db.pool.query('truncate expiry_policy'));

type Days = { defaultDays?: number | null; maxDays?: number | null };

async function save({ defaultDays = null, maxDays = null }: Days, by = administrator) {
  const { version } = await readExpiryPolicy(db.database);
  return saveExpiryPolicy(db.database, by, { version, defaultDays, maxDays });
}

let created = 0;

/** Creates an account, with an expiry if there is one. Returns the result, and the expiry that was stored. */
async function create(fields: { expiresAt?: Date | null } = {}) {
  created += 1;
  const details = { username: `New ${created}`, email: 'it@example.com', phone: '+447894123456' };
  const result = await createApiAccount(
    db.database,
    administrator,
    newApiAccountSchema.parse({ ...details, ...fields }),
  );
  const account = result.ok ? await readAccount(db.database, result.account.id) : null;
  return { result, expiresAt: account?.expiresAt };
}

async function setExpiry(id: string, expiresAt: Date | null, fields: object = {}) {
  const account = await readAccount(db.database, id);
  const input = editApiAccountSchema.parse({ ...account, expiresAt, ...fields });
  return updateApiAccount(db.database, administrator, input);
}

/** Formats the day that is some days after today in the organisation's time zone, such as "31/12/2027". */
function formatDay(days: number, dateStyle: 'short' | 'long' = 'short'): string {
  const [year = 0, month = 0, day = 0] = new Date()
    .toLocaleDateString('en-CA', { timeZone: TIME_ZONE })
    .split('-')
    .map(Number);
  const date = new Date(Date.UTC(year, month - 1, day + days));
  return date.toLocaleDateString('en-GB', { timeZone: 'UTC', dateStyle });
}

const inDays = (days: number) => new Date(Date.now() + days * DAY_MS);

/** Formats a time in the organisation's time zone, such as "31/12/2027, 23:59". */
const formatLocal = (time: Date | null | undefined) =>
  time?.toLocaleString('en-GB', { timeZone: TIME_ZONE, dateStyle: 'short', timeStyle: 'short' });

describe('createApiAccount', () => {
  it('creates accounts that do not expire until there is a policy', async () => {
    expect(await create()).toMatchObject({ result: { ok: true }, expiresAt: null });
    expect(await readExpiryLimits(db.database)).toEqual({
      ...{ defaultExpiresAt: null, latestExpiresAt: null, maxDays: null, timeZone: TIME_ZONE },
    });
  });

  it('applies the default, at the end of a day in the organisation’s time zone, unless another expiry is chosen', async () => {
    await save({ defaultDays: 90 });
    const { expiresAt } = await create();
    expect(formatLocal(expiresAt)).toBe(`${formatDay(90)}, 23:59`);
    expect(expiresAt).toEqual((await readExpiryLimits(db.database)).defaultExpiresAt);
    expect(await create({ expiresAt: null })).toMatchObject({ result: { ok: true }, expiresAt: null });
    const chosen = inDays(400);
    expect(await create({ expiresAt: chosen })).toMatchObject({ expiresAt: chosen });
  });

  it('applies the maximum if there is no default', async () => {
    await save({ maxDays: 10 });
    const { expiresAt } = await create();
    expect(formatLocal(expiresAt)).toBe(`${formatDay(10)}, 23:59`);
  });

  it('records the expiry in the audit log', async () => {
    await save({ defaultDays: 90 });
    const { expiresAt } = await create();
    const { rows } = await db.pool.query(
      `select details->>'expiresAt' as "expiresAt" from audit_events where action = 'api_account.created'
         order by position desc limit 1`,
    );
    expect(rows).toEqual([{ expiresAt: expiresAt?.toISOString() }]);
  });

  it('refuses an expiry after the maximum, and none, and says the latest date', async () => {
    await save({ defaultDays: 30, maxDays: 90 });
    const message = `Enter a date up to ${formatDay(90, 'long')}: accounts can last at most 90 days, as set in Settings › Expiry.`;
    const { latestExpiresAt } = await readExpiryLimits(db.database);
    if (!latestExpiresAt) throw new Error('no maximum');
    for (const expiresAt of [null, new Date(latestExpiresAt.getTime() + 1), inDays(400)]) {
      const { result } = await create({ expiresAt });
      expect(result).toEqual({ ok: false, reason: 'invalid', fieldErrors: { expiresAt: message } });
    }
    expect(await create({ expiresAt: latestExpiresAt })).toMatchObject({ expiresAt: latestExpiresAt });
  });
});

describe('updateApiAccount', () => {
  it('refuses an expiry after the maximum, and none', async () => {
    const { id } = await createTestAccount(db.database, administrator);
    await save({ maxDays: 90 });
    await setExpiry(id, inDays(80));
    for (const expiresAt of [null, inDays(92)])
      expect(await setExpiry(id, expiresAt)).toMatchObject({
        ok: false,
        fieldErrors: { expiresAt: expect.stringContaining('at most 90 days') },
      });
    expect(await setExpiry(id, inDays(89))).toMatchObject({ ok: true });
  });

  it.each([
    ['none', null],
    ['a later one', inDays(1_000)],
  ])(
    'lets an account keep its expiry when a maximum is set, until it is changed: %s',
    async (_, expiresAt) => {
      const { id } = await createTestAccount(db.database, administrator);
      await setExpiry(id, expiresAt);
      await save({ maxDays: 90 });
      expect(await readAccount(db.database, id)).toMatchObject({ expiresAt });
      expect(await setExpiry(id, expiresAt, { notes: 'x', active: false })).toMatchObject({ ok: true });
      expect(await readAccount(db.database, id)).toMatchObject({ expiresAt, active: false });
      expect(await setExpiry(id, inDays(500))).toMatchObject({ ok: false, reason: 'invalid' });
      expect(await setExpiry(id, inDays(50))).toMatchObject({ ok: true });
    },
  );
});

describe('saveExpiryPolicy', () => {
  it('requires recent authentication', async () => {
    const stale = { ...administrator, hasRecentAuth: false };
    expect(await save({ maxDays: 1 }, stale)).toEqual({ ok: false, reason: 'reauthentication_required' });
    expect(await readExpiryPolicy(db.database)).toEqual({ defaultDays: null, maxDays: null, version: 0 });
  });

  it('records the values before and after', async () => {
    await save({ maxDays: 365 });
    await save({ defaultDays: 30, maxDays: 365 });
    await save({ defaultDays: 30, maxDays: 365 });
    const { rows } = await db.pool.query(
      "select user_id, details from audit_events where action = 'expiry_policy.changed' order by position",
    );
    const values = [
      { defaultDays: null, maxDays: null },
      { defaultDays: null, maxDays: 365 },
      { defaultDays: 30, maxDays: 365 },
    ];
    const user_id = administrator.userId;
    expect(rows.slice(-2)).toEqual([
      { user_id, details: { before: values[0], after: values[1] } },
      { user_id, details: { before: values[1], after: values[2] } },
    ]);
  });

  it('does not overwrite what another administrator has saved', async () => {
    const { database } = db;
    const current = { defaultDays: 5, maxDays: null, version: 1 };
    const attempts = await Promise.all(
      [5, 6].map((defaultDays) =>
        saveExpiryPolicy(database, administrator, { version: 0, defaultDays, maxDays: null }),
      ),
    );
    expect(attempts.map(({ ok }) => ok).toSorted()).toEqual([false, true]);
    await db.pool.query('truncate expiry_policy');
    expect(await save({ defaultDays: 5 })).toEqual({ ok: true, policy: current });
    const outdated = { version: 0, defaultDays: 7, maxDays: 8 };
    expect(await saveExpiryPolicy(database, administrator, outdated)).toEqual({
      ...{ ok: false, reason: 'changed', current, changedBy: 'Ada Minister' },
    });
  });

  it('accepts whole numbers of days as people write them, and a default up to the maximum', () => {
    const parse = (fields: object) =>
      expiryPolicySchema.safeParse({ version: 0, defaultDays: '', maxDays: '', ...fields });
    expect(parse({ defaultDays: ' 90 ', maxDays: '1,000' }).data).toEqual({
      ...{ version: 0, defaultDays: 90, maxDays: 1_000 },
    });
    expect(parse({ defaultDays: null }).data).toMatchObject({ defaultDays: null, maxDays: null });
    for (const fields of [{ maxDays: '0' }, { maxDays: '3651' }, { maxDays: '1.5' }, { defaultDays: 'x' }])
      expect(parse(fields).success).toBe(false);
    expect(parse({ defaultDays: 91, maxDays: 90 }).error?.issues).toMatchObject([{ path: ['defaultDays'] }]);
  });
});
