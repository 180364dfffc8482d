import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { auditEvents } from '#db/schema/audit-events.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { UNSUPPORTED_NUMBER } from '#lib/notifications/sms/labels.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { UNKNOWN_NUMBER } from '#lib/platform/phone-numbers/messages.ts';
import { createTestAdministrator, readCurrentReveal } from '#lib/testing/accounts.ts';
import { setEnvironment } from '#lib/testing/environment.ts';
import { setSmsPolicy } from '#lib/testing/sms.ts';
import { createApiAccount } from './create.ts';
import { readAccount } from './read-account.ts';
import { resetApiKey } from './reset-key.ts';
import { newApiAccountSchema } from './schema.ts';
import { createScope } from './scopes/create.ts';
import { readSummary } from './summary.ts';

let db: TestDatabase;
let administrator: Administrator;

beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
});
afterAll(() => db.drop());

const createInput = (username: string) => ({ username, email: 'it@example.com', phone: '+447894123456' });
/** Settings of an SMS provider, with which texts no longer go to the outbox. */
const TWILIO = {
  SMS_PROVIDER: 'twilio',
  TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
  TWILIO_AUTH_TOKEN: 'token',
  TWILIO_FROM: 'Stagedoor',
};
const readJobs = async (revealId: string) => {
  const { rows } = await db.pool.query(
    `select j.name, j.data from pgboss.job j join messages m on m.id = (j.data->>'messageId')::uuid
     where m.reveal_id = $1 order by j.name`,
    [revealId],
  );
  return rows;
};

describe('createApiAccount', () => {
  it('writes the account, the reveal, a job per message and the audit events', async () => {
    const result = await createApiAccount(db.database, administrator, createInput('Théâtre & Søn Ltd'));
    expect(result).toMatchObject({
      ok: true,
      account: { username: 'Théâtre & Søn Ltd', smsBlockedReason: null },
    });
    const id = result.ok ? result.account.id : '';
    expect(await readSummary(db.database, id)).toMatchObject({
      ...(result.ok && result.account),
      status: 'awaiting_collection',
      active: true,
      isRevealOpen: true,
    });
    const reveal = await readCurrentReveal(db.database, id);
    expect(await readJobs(reveal.id)).toMatchObject([{ name: 'send-email' }, { name: 'send-sms' }]);
    const events = await db.database.select().from(auditEvents).where(eq(auditEvents.accountId, id));
    expect(events.map((row) => [row.action, row.userId])).toEqual([
      ['api_account.created', administrator.userId],
      ['reveal.started', administrator.userId],
    ]);
  });

  it('creates one of 20 concurrent accounts with the same username, and returns field errors for the rest', async () => {
    const names = ['Opera House', 'opera house', 'OPERA HOUSE', ' Opera House', 'Ｏpera House'];
    const create = (_: unknown, index: number) =>
      createApiAccount(db.database, administrator, createInput(names[index % names.length] ?? ''));
    const results = await Promise.all(Array.from({ length: 20 }, create));
    expect(results.filter((result) => result.ok)).toHaveLength(1);
    for (const result of results.filter(({ ok }) => !ok)) {
      const fieldErrors = { username: expect.stringMatching(/^“.+” is already taken\./) };
      expect(result).toEqual({ ok: false, reason: 'invalid', fieldErrors });
    }
  });

  it('returns a field error for a landline, and creates nothing', async () => {
    const result = await createApiAccount(db.database, administrator, {
      ...createInput('Landline Ltd'),
      phone: '+442079460000',
    });
    expect(result).toMatchObject({ ok: false, fieldErrors: { phone: expect.stringMatching(/landline/) } });
    const rows = await db.database.select().from(apiAccounts).where(eq(apiAccounts.username, 'Landline Ltd'));
    expect(rows).toEqual([]);
  });

  const readCreation = async (accountId: string) =>
    (await db.database.select().from(auditEvents).where(eq(auditEvents.accountId, accountId))).find(
      ({ action }) => action === 'api_account.created',
    )?.details;

  it('creates an account with an expiry, scopes and networks, and records them', async () => {
    for (const name of ['orders:read', 'orders:write'])
      await createScope(db.database, administrator, { name, description: 'For tests' });
    const input = newApiAccountSchema.parse({
      ...createInput('Limited Ltd'),
      expiresAt: '2031-01-02T03:04:05+02:00',
      scopes: ['orders:write', 'orders:read', 'orders:write'],
      allowedNetworks: ['198.51.100.9/24', '::ffff:192.0.2.7'],
    });
    const result = await createApiAccount(db.database, administrator, input);
    const id = result.ok ? result.account.id : '';
    expect(await readAccount(db.database, id)).toMatchObject({
      status: 'awaiting_collection',
      expiresAt: new Date('2031-01-02T01:04:05Z'),
      scopes: ['orders:read', 'orders:write'],
      allowedNetworks: ['198.51.100.0/24', '192.0.2.7'],
    });
    expect(await readCreation(id)).toMatchObject({
      username: 'Limited Ltd',
      expiresAt: '2031-01-02T01:04:05.000Z',
      scopes: 'orders:read orders:write',
    });
    const { rows } = await db.pool.query(
      `select erasable.details->>'allowedNetworks' as networks
       from audit_events e join audit_erasable_details erasable on erasable.event_id = e.id
       where e.account_id = $1 and e.action = 'api_account.created'`,
      [id],
    );
    expect(rows).toEqual([{ networks: '198.51.100.0/24, 192.0.2.7' }]);
  });

  it('creates an account without limits by default, and records none', async () => {
    const result = await createApiAccount(db.database, administrator, createInput('Unlimited Ltd'));
    const id = result.ok ? result.account.id : '';
    const unlimited = { expiresAt: null, scopes: null, allowedNetworks: null };
    expect(await readAccount(db.database, id)).toMatchObject(unlimited);
    expect(Object.keys((await readCreation(id)) ?? {}).sort()).toEqual(['erasableDigest', 'username']);
  });

  it('returns a field error for an unknown scope or an invalid network, and creates nothing', async () => {
    const create = (access: object) =>
      createApiAccount(
        db.database,
        administrator,
        newApiAccountSchema.parse({ ...createInput('Refused Ltd'), ...access }),
      );
    expect(await create({ scopes: ['unknown'] })).toMatchObject({
      reason: 'invalid',
      fieldErrors: { scopes: expect.stringContaining('unknown') },
    });
    expect(await create({ allowedNetworks: ['192.0.2.0/33'], phone: '+442079460000' })).toMatchObject({
      reason: 'invalid',
      fieldErrors: {
        allowedNetworks: expect.stringContaining('192.0.2.0/33'),
        phone: expect.stringMatching(/landline/),
      },
    });
    const rows = await db.database.select().from(apiAccounts).where(eq(apiAccounts.username, 'Refused Ltd'));
    expect(rows).toEqual([]);
  });

  it('accepts a number that the metadata does not know only if it is confirmed, and records that', async () => {
    await setSmsPolicy(db.database, { countries: ['KE'] });
    const input = { ...createInput('New Range Ltd'), phone: '+254 199 123 456' };
    expect(await createApiAccount(db.database, administrator, input)).toEqual({
      ok: false,
      reason: 'invalid',
      fieldErrors: { phone: UNKNOWN_NUMBER },
    });
    const confirmed = newApiAccountSchema.parse({ ...input, isPhoneConfirmed: true });
    const result = await createApiAccount(db.database, administrator, confirmed);
    expect(result).toMatchObject({ ok: true, account: { phone: '+254199123456', smsBlockedReason: null } });
    expect(result.ok && (await readCreation(result.account.id))).toMatchObject({ phoneConfirmed: true });
    const ordinary = await createApiAccount(db.database, administrator, {
      ...createInput('Known Range Ltd'),
      isPhoneConfirmed: true,
    });
    expect(ordinary.ok && (await readCreation(ordinary.account.id))).not.toHaveProperty('phoneConfirmed');
    await setSmsPolicy(db.database, {});
  });

  it('accepts a number that is reserved for fiction in test mode, and queues its SMS', async () => {
    const input = { ...createInput('Fiction Ltd'), phone: '+447700900123' };
    expect(await createApiAccount(db.database, administrator, input)).toMatchObject({
      ok: true,
      account: { phone: '+447700900123', smsBlockedReason: null },
    });
  });

  describe('if texts have a provider', () => {
    setEnvironment(TWILIO);

    it('returns a field error for a number that is reserved for fiction', async () => {
      const input = { ...createInput('Real Ltd'), phone: '+447700900123' };
      expect(await createApiAccount(db.database, administrator, input)).toMatchObject({
        ok: false,
        fieldErrors: { phone: expect.stringContaining('reserved for films and examples') },
      });
    });

    it('blocks texts to an account that got such a number in test mode', async () => {
      const created = await createApiAccount(db.database, administrator, createInput('Former Fiction Ltd'));
      if (!created.ok) throw new Error(created.reason);
      const { id } = created.account;
      await db.pool.query(`update api_accounts set phone = '+447700900123' where id = $1`, [id]);
      expect(await resetApiKey(db.database, administrator, { id })).toMatchObject({
        ok: true,
        account: { smsBlockedReason: UNSUPPORTED_NUMBER },
      });
    });
  });

  it('returns a field error for a number of a country that is not allowed, and creates nothing', async () => {
    const danishInput = { ...createInput('Danish Ltd'), phone: '+4520123456' };
    const refused = await createApiAccount(db.database, administrator, danishInput);
    expect(refused).toMatchObject({
      fieldErrors: { phone: expect.stringMatching(/^Texts to Denmark are turned off\. .*turn Denmark on/) },
    });
    await setSmsPolicy(db.database, { countries: ['DK'] });
    const created = await createApiAccount(db.database, administrator, danishInput);
    expect(created).toMatchObject({ ok: true, account: { smsBlockedReason: null } });
    await setSmsPolicy(db.database, {});
  });

  it('creates the account and queues its email if the SMS is blocked, and returns the reason', async () => {
    await setSmsPolicy(db.database, { perDay: 0 });
    const result = await createApiAccount(db.database, administrator, createInput('Late Ltd'));
    await setSmsPolicy(db.database, {});
    const smsBlockedReason = 'texts are turned off';
    expect(result).toMatchObject({ ok: true, account: { smsBlockedReason } });
    const id = result.ok ? result.account.id : '';
    expect(await readSummary(db.database, id)).toMatchObject({
      status: 'awaiting_collection',
      deliveryProblems: [],
      smsBlockedReason,
    });
    const reveal = await readCurrentReveal(db.database, id);
    expect(await readJobs(reveal.id)).toMatchObject([{ name: 'send-email' }]);
  });

  it('reports a taken username and an invalid phone number together', async () => {
    const input = { ...createInput('Both Ltd'), phone: '+442079460000' };
    await createApiAccount(db.database, administrator, createInput('Both Ltd'));
    expect(await createApiAccount(db.database, administrator, { ...input, username: 'BOTH ltd' })).toEqual({
      ok: false,
      reason: 'invalid',
      fieldErrors: {
        username: '“BOTH ltd” is already taken. Choose another username.',
        phone: 'This is a landline. Enter a mobile number.',
      },
    });
  });

  it.each(['audit_events', 'messages', 'pgboss.job'])(
    'changes nothing if %s cannot be written',
    async (table) => {
      const ownDatabase = await createTestDatabase();
      const ownAdministrator = await createTestAdministrator(ownDatabase.database);
      const name = table.replace('.', '_');
      await ownDatabase.pool.query(
        `create function refuse_${name}() returns trigger language plpgsql as $$ begin raise 'refused'; end $$`,
      );
      await ownDatabase.pool.query(
        `create trigger refuse before insert on ${table} for each row execute function refuse_${name}()`,
      );
      await expect(
        createApiAccount(ownDatabase.database, ownAdministrator, createInput('Globe Ltd')),
      ).rejects.toThrow();
      const { rows } = await ownDatabase.pool.query(
        `select (select count(*)::int from api_accounts) as accounts, (select count(*)::int from reveals) as reveals,
         (select count(*)::int from messages) as messages, (select count(*)::int from pgboss.job) as jobs,
         (select count(*)::int from audit_events) as events`,
      );
      expect(rows).toEqual([{ accounts: 0, reveals: 0, messages: 0, jobs: 0, events: 0 }]);
      await ownDatabase.drop();
    },
  );
});

describe('newApiAccountSchema', () => {
  const parse = (username: string) => newApiAccountSchema.safeParse(createInput(username));

  it.each(['a', 'Théâtre & Søn Ltd', '東京劇場', '  spaced  ', 'x'.repeat(64), '🎭'.repeat(64)])(
    'accepts %s',
    (username) => {
      expect(parse(username).data?.username).toBe(username.normalize('NFC').trim());
    },
  );

  it.each(['', '   ', '\u200b', 'a:b', 'x'.repeat(65), 'x'.repeat(100_000), 'a\ue000b', '\ud800'])(
    'rejects %j with a sentence',
    (username) => {
      expect(parse(username).error?.issues[0]?.message).toMatch(/^[A-Z].*\.$/);
    },
  );

  it.each(['a\nb', 'a\tb', 'a\u00a0b', 'a\u2009b ', '\ufeffa b', 'a\u00ad b', '\u202aa b\u202c'])(
    'normalises %j to a username that can be typed',
    (username) => {
      expect(parse(username).data?.username).toBe('a b');
    },
  );

  it('normalises a decomposed username to its composed form', () => {
    expect(parse('The\u0301a\u0302tre').data?.username).toBe('Théâtre');
  });
});
