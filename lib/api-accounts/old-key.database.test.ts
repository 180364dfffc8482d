import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { readKeyGuide } from '#lib/key-delivery/key-page/guide.ts';
import { recordEndedKeys } from '#lib/key-delivery/previous-key.ts';
import { openReveal } from '#lib/key-delivery/reveal/open.ts';
import { prepareRevealMessage } from '#lib/key-delivery/reveal/prepare-reveal-message.ts';
import { readTimeline } from '#lib/key-delivery/timeline/read.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import {
  createTestAccount,
  createTestAdministrator,
  readCurrentReveal,
  revealKey,
} from '#lib/testing/accounts.ts';
import { changeAccount } from '#lib/testing/contact-changes.ts';
import { TcpProxy } from '#lib/testing/tcp-proxy.ts';
import { requestVerifier, startTestVerifier } from '#lib/testing/verifier.ts';
import type { Verifier } from '#lib/verifier/server.ts';
import { deleteApiAccount } from './delete.ts';
import { endOldKey } from './end-old-key.ts';
import { readAccount } from './read-account.ts';
import { resetApiKey } from './reset-key.ts';
import { type AccountSummary, type OldKeyChoice, oldKeySchema } from './schema.ts';
import { readSummary } from './summary.ts';

const HOUR = 3_600_000;

let db: TestDatabase;
let administrator: Administrator;
/** A request is sent to each in turn. */
let verifiers: Verifier[];
let account: AccountSummary;
let oldKey: string;
let sentCount = 0;

beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
  verifiers = [await startTestVerifier(db.url), await startTestVerifier(db.url)];
});
afterAll(async () => {
  await Promise.all(verifiers.map((verifier) => verifier.close()));
  await db.drop();
});
beforeEach(async () => {
  account = await createTestAccount(db.database, administrator);
  oldKey = await revealKey(db.database, account.id);
});

async function send(key: string, path = '/verify') {
  sentCount += 1;
  const port = verifiers[sentCount % verifiers.length]?.port ?? 0;
  const { status, body } = await requestVerifier(port, { path, headers: { 'X-API-Key': key } });
  return { status, key: status === 200 ? JSON.parse(body).key : null };
}

const getStatus = async (key: string, path?: string) => (await send(key, path)).status;

async function reset(choice?: OldKeyChoice) {
  const result = await resetApiKey(db.database, administrator, {
    id: account.id,
    ...(choice && { oldKey: choice }),
  });
  if (!result.ok) throw new Error(result.reason);
  return result;
}

const collect = () => revealKey(db.database, account.id);

/** Moves the end of the old key, in PostgreSQL's syntax for intervals. */
const moveEnd = (interval: string) =>
  db.pool.query(
    'update api_accounts set previous_key_expires_at = previous_key_expires_at + $2::interval where id = $1',
    [account.id, interval],
  );

async function setActive(active: boolean): Promise<void> {
  const current = await readSummary(db.database, account.id);
  if (current) await changeAccount(db.database, administrator, current, { active });
}

/** Reads why old keys ended, oldest first. */
async function readEnds(): Promise<{ reason: string; by: string | null }[]> {
  const { rows } = await db.pool.query(
    `select details->>'reason' as reason, user_id as by from audit_events
     where action = 'api_key.previous_ended' and account_id = $1 order by position`,
    [account.id],
  );
  return rows;
}

const readOldKey = async () => (await readAccount(db.database, account.id))?.oldKey;

const byAdministrator = (reason: string) => ({ reason, by: administrator.userId });
const bySystem = (reason: string) => ({ reason, by: null });

describe('resetApiKey', () => {
  it('ends the old key immediately by default', async () => {
    expect(await reset()).toMatchObject({ oldKeyExpiresAt: null });
    expect(await getStatus(oldKey)).toBe(401);
    expect(await getStatus(await collect())).toBe(200);
    expect(await readEnds()).toEqual([]);
  });

  it('lets the old key work until the new one is collected', async () => {
    await reset('on_collection');
    expect(await getStatus(oldKey)).toBe(200);
    const newKey = await collect();
    expect(await getStatus(oldKey)).toBe(401);
    expect(await getStatus(newKey)).toBe(200);
    expect(await readEnds()).toEqual([bySystem('new_key_collected')]);
  });

  it('lets the old key work until the new one is first used, for which a test does not count', async () => {
    await reset('on_first_use');
    const newKey = await collect();
    expect(await getStatus(newKey, '/verify?test=true')).toBe(200);
    expect((await send(oldKey)).key).toMatchObject({ status: 'previous' });
    expect((await send(newKey)).key).toEqual({ status: 'current', expiresAt: null });
    expect(await getStatus(oldKey)).toBe(401);
    expect(await getStatus(oldKey)).toBe(401);
    expect(await getStatus(newKey)).toBe(200);
    await recordEndedKeys(db.database);
    await recordEndedKeys(db.database);
    expect(await readEnds()).toEqual([bySystem('new_key_used')]);
  });

  it('ends the old key once if many requests with the new one arrive together', async () => {
    await reset('on_first_use');
    const newKey = await collect();
    const statuses = await Promise.all(Array.from({ length: 40 }, () => getStatus(newKey)));
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(await getStatus(oldKey)).toBe(401);
    await recordEndedKeys(db.database);
    expect(await readEnds()).toEqual([bySystem('new_key_used')]);
  });

  it('lets the old key work for a set time, by the database’s clock', async () => {
    const startedAt = Date.now();
    const { oldKeyExpiresAt } = await reset({ hours: 24 });
    expect((oldKeyExpiresAt?.getTime() ?? 0) - startedAt).toBeGreaterThan(24 * HOUR - 60_000);
    expect((oldKeyExpiresAt?.getTime() ?? 0) - startedAt).toBeLessThan(24 * HOUR + 60_000);
    const newKey = await collect();
    expect(await getStatus(newKey)).toBe(200);
    expect((await send(oldKey)).key).toEqual({
      status: 'previous',
      expiresAt: oldKeyExpiresAt?.toISOString(),
    });
    await moveEnd('-24 hours');
    expect(await getStatus(oldKey)).toBe(401);
    expect(await getStatus(newKey)).toBe(200);
    await recordEndedKeys(db.database);
    expect(await readEnds()).toEqual([bySystem('time_passed')]);
    await moveEnd('1 day');
    expect(await getStatus(oldKey)).toBe(401);
  });

  it.each<OldKeyChoice>(['on_collection', 'on_first_use', { hours: 168 }])(
    'ends the old key after 7 days at the latest (%j)',
    async (choice) => {
      const { oldKeyExpiresAt } = await reset(choice);
      expect(Math.abs((oldKeyExpiresAt?.getTime() ?? 0) - Date.now() - 168 * HOUR)).toBeLessThan(60_000);
      await moveEnd('-168 hours');
      expect(await getStatus(oldKey)).toBe(401);
    },
  );

  it('ends the oldest key at a second reset, so that two keys work at most', async () => {
    await reset('on_first_use');
    const secondKey = await collect();
    await reset({ hours: 24 });
    expect(await getStatus(oldKey)).toBe(401);
    const thirdKey = await collect();
    expect(await getStatus(oldKey)).toBe(401);
    expect((await send(secondKey)).key).toMatchObject({ status: 'previous' });
    expect((await send(thirdKey)).key).toMatchObject({ status: 'current' });
    expect(await getStatus(secondKey)).toBe(200);
    expect(await readEnds()).toEqual([byAdministrator('reset')]);
  });

  it('keeps the old key, but no longer than before, if the new one was not collected before a second reset', async () => {
    const first = await reset({ hours: 24 });
    const second = await reset('on_first_use');
    expect(second.oldKeyExpiresAt).toEqual(first.oldKeyExpiresAt);
    expect(await getStatus(oldKey)).toBe(200);
    const third = await reset({ hours: 1 });
    expect(third.oldKeyExpiresAt?.getTime()).toBeLessThan(first.oldKeyExpiresAt?.getTime() ?? 0);
    await reset('immediately');
    expect(await getStatus(oldKey)).toBe(401);
    expect(await readEnds()).toEqual([byAdministrator('reset')]);
  });

  it('does not revive an old key whose time has passed', async () => {
    await reset({ hours: 1 });
    await moveEnd('-2 hours');
    expect(await reset({ hours: 24 })).toMatchObject({ oldKeyExpiresAt: null });
    expect(await getStatus(oldKey)).toBe(401);
    expect(await readEnds()).toEqual([bySystem('time_passed')]);
  });

  it('ends the old key of an inactive account', async () => {
    await setActive(false);
    expect(await reset({ hours: 24 })).toMatchObject({ oldKeyExpiresAt: null });
    await setActive(true);
    expect(await getStatus(oldKey)).toBe(401);
  });
});

describe('an account with an old key', () => {
  it('lets no key work after its deactivation, and only the new one after its reactivation', async () => {
    await reset({ hours: 24 });
    const newKey = await collect();
    await setActive(false);
    expect([await getStatus(oldKey), await getStatus(newKey)]).toEqual([401, 403]);
    await setActive(true);
    expect([await getStatus(oldKey), await getStatus(newKey)]).toEqual([401, 200]);
    expect(await readEnds()).toEqual([byAdministrator('deactivated')]);
  });

  it('lets no key work after its deletion', async () => {
    await reset({ hours: 24 });
    const newKey = await collect();
    const { id, username } = account;
    expect(await deleteApiAccount(db.database, administrator, { id, username })).toMatchObject({ ok: true });
    expect([await getStatus(oldKey), await getStatus(newKey)]).toEqual([401, 401]);
  });

  it('shows until when its old key works, when it was last used, and whether the new one is', async () => {
    const ownVerifier = await startTestVerifier(db.url);
    const use = (key: string) => requestVerifier(ownVerifier.port, { headers: { 'X-API-Key': key } });
    const { oldKeyExpiresAt } = await reset({ hours: 24 });
    const end = { expiresAt: oldKeyExpiresAt?.toISOString(), endsOn: null };
    expect(await readOldKey()).toEqual({ ...end, lastUsedAt: null, newKey: 'not_collected' });
    const newKey = await collect();
    expect(await readOldKey()).toMatchObject({ newKey: 'not_used' });
    await use(oldKey);
    await use(newKey);
    await ownVerifier.close();
    const used = { ...end, lastUsedAt: expect.stringMatching(/Z$/), newKey: 'used' };
    expect(await readOldKey()).toEqual(used);
    const timeline = await readTimeline(db.database, administrator, { id: account.id });
    expect(timeline?.oldKey).toEqual(used);
    await reset('on_collection');
    expect(await readOldKey()).toMatchObject({
      endsOn: 'collection',
      lastUsedAt: null,
      newKey: 'not_collected',
    });
    await moveEnd('-168 hours');
    expect(await readOldKey()).toBeNull();
  });

  it('shows its own expiry if that is earlier, and no old key after it', async () => {
    await reset({ hours: 24 });
    const expireIn = async (interval: string) => {
      const { rows } = await db.pool.query<{ at: Date }>(
        'update api_accounts set expires_at = now() + $2::interval where id = $1 returning expires_at as at',
        [account.id, interval],
      );
      return rows[0]?.at.toISOString();
    };
    const expiresAt = await expireIn('1 hour');
    expect(await readOldKey()).toMatchObject({ expiresAt });
    await expireIn('-1 second');
    expect(await readOldKey()).toBeNull();
  });

  it('tells the integrator until when the old key works: in the email, and before and after the code', async () => {
    const { oldKeyExpiresAt } = await reset('on_first_use');
    const end = { expiresAt: oldKeyExpiresAt?.toISOString(), endsOn: 'first_use' };
    const { id: revealId, token } = await readCurrentReveal(db.database, account.id);
    const { rows } = await db.pool.query<{ id: string }>(
      "select id from messages where reveal_id = $1 and channel = 'email'",
      [revealId],
    );
    const message = { id: rows[0]?.id ?? '', revealId };
    const email = await withTransaction(db.database, (transaction) =>
      prepareRevealMessage(transaction, message),
    );
    expect(email).toMatchObject({ kind: 'reveal_link', oldKey: end });
    expect(await openReveal(db.database, token)).toMatchObject({ view: { oldKey: end } });
    await collect();
    expect(await readKeyGuide(db.database, token)).toMatchObject({ oldKey: end });
    await endOldKey(db.database, administrator, { id: account.id });
    expect(await readKeyGuide(db.database, token)).toMatchObject({ oldKey: null });
  });
});

describe('endOldKey', () => {
  it('ends the old key without recent authentication, once', async () => {
    await reset({ hours: 24 });
    const newKey = await collect();
    const end = () => endOldKey(db.database, { ...administrator, hasRecentAuth: false }, { id: account.id });
    expect(await end()).toEqual({ ok: true });
    expect([await getStatus(oldKey), await getStatus(newKey)]).toEqual([401, 200]);
    expect(await end()).toEqual({ ok: false, reason: 'already_ended' });
    expect(await readEnds()).toEqual([byAdministrator('administrator')]);
  });

  it('reports an unknown account', async () => {
    const unknown = { id: '00000000-0000-7000-8000-000000000000' };
    expect(await endOldKey(db.database, administrator, unknown)).toMatchObject({ reason: 'not_found' });
  });
});

describe('oldKeySchema', () => {
  it('accepts the choices and whole hours up to 7 days, and nothing else', () => {
    for (const choice of ['immediately', 'on_collection', 'on_first_use', { hours: 1 }, { hours: 168 }])
      expect(oldKeySchema.safeParse(choice).success).toBe(true);
    for (const choice of ['', 'never', { hours: 0 }, { hours: 169 }, { hours: 1.5 }, { hours: 1, days: 1 }])
      expect(oldKeySchema.safeParse(choice).success).toBe(false);
  });
});

describe('a verifier that cannot end the old key', () => {
  it('does not allow the new key before the old one has ended', async () => {
    const proxy = await TcpProxy.start(db.url);
    const verifier = await startTestVerifier(proxy.url, {
      lookupDatabaseUrl: db.url,
      timing: { deadlineMs: 300, finalFlushTimeoutMs: 300 },
    });
    onTestFinished(async () => {
      await verifier.close();
      await proxy.close();
    });
    await reset('on_first_use');
    const newKey = await collect();
    const verify = async (key: string) =>
      (await requestVerifier(verifier.port, { headers: { 'X-API-Key': key } })).status;
    proxy.mode = 'silent';
    expect(await verify(newKey)).toBe(503);
    expect(await verify(oldKey)).toBe(200);
    proxy.breakConnections();
    proxy.mode = 'open';
    await expect.poll(() => verify(newKey), { timeout: 10_000 }).toBe(200);
    expect(await verify(oldKey)).toBe(401);
  });
});
