import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import { readSummary } from '#lib/api-accounts/summary.ts';
import { updateApiAccount } from '#lib/api-accounts/update.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { letTimePass, revealKey, testAccount, testAdministrator } from '#lib/testing/accounts.ts';
import { DatabaseClock } from '#lib/testing/clock.ts';
import { readTimeline } from './read.ts';

let db: TestDatabase;
let clock: DatabaseClock;
let administrator: Administrator;
let id: string;

beforeAll(async () => {
  db = await createTestDatabase();
  clock = await DatabaseClock.install(db.url);
  administrator = await testAdministrator(db.database);
});
beforeEach(async () => {
  id = (await testAccount(db.database, administrator)).id;
});
afterAll(() => db.drop());

async function read() {
  const timeline = await readTimeline(db.database, administrator, { id });
  if (!timeline?.current) throw new Error('no key delivery');
  return { ...timeline, current: timeline.current };
}

/** Changes the account's email address; returns the previous one. */
async function changeEmail() {
  const { email, phone, version } = (await readSummary(db.database, id)) ?? {};
  if (!email || !phone || !version) throw new Error('no account');
  const input = { id, email: `x${email}`, phone, version, active: true };
  await updateApiAccount(db.database, administrator, input);
  return email;
}

/** Counts a request that a verifier accepted in this minute. */
const countRequest = () =>
  db.pool.query(
    `insert into api_account_minutes values ($1, date_trunc('minute', now()), 1, 0, 0)
      on conflict (account_id, minute) do update set allowed = api_account_minutes.allowed + 1`,
    [id],
  );

describe('readTimeline', () => {
  it('returns why each key delivery started and how it ended, newest first, at most eleven', async () => {
    const email = await changeEmail();
    for (let round = 0; round < 12; round += 1) await resetApiKey(db.database, administrator, { id });
    const { current, earlier } = await read();
    expect(current.entries[0]?.text).toBe('Ada Minister reset the API key');
    expect(current.email).toBe(`x${email}`);
    expect(earlier).toHaveLength(10);
    expect(earlier.every(({ state }) => state === 'replaced')).toBe(true);
    const starts = [current, ...earlier].map(({ startedAt }) => startedAt);
    expect(starts).toEqual(starts.toSorted().toReversed());
  });

  it('shows a contact change', async () => {
    const email = await changeEmail();
    const { current, earlier } = await read();
    expect(current.entries[0]?.text).toBe('Ada Minister changed the contact details');
    expect(earlier[0]?.entries.at(-1)?.text).toBe('Replaced by a newer link and code');
    expect(earlier[0]?.email).toBe(email);
  });

  it('shows a problem if no worker takes up the messages', async () => {
    await db.pool.query(
      "update messages set created_at = now() - interval '31 seconds' where reveal_id = (select reveal_id from api_accounts where id = $1)",
      [id],
    );
    await letTimePass(db.database, id, '31 seconds');
    expect((await read()).current.status.text).toContain('worker');
  });

  it('returns nothing of another account, and null for an unknown one', async () => {
    const own = (await read()).current.id;
    id = (await testAccount(db.database, administrator)).id;
    expect((await read()).current.id).not.toBe(own);
    expect(await readTimeline(db.database, administrator, { id: uuidv7() })).toBeNull();
  });

  it('returns when each message can be resent, and how often', async () => {
    const { readAt, resendMessages: resend, current } = await read();
    expect(Date.parse(resend?.email.at ?? '') - Date.parse(current.startedAt)).toBe(60_000);
    expect(Date.parse(resend?.text.at ?? '') - Date.parse(current.startedAt)).toBe(30_000);
    expect(resend).toMatchObject({ email: { left: 5 }, text: { left: 5 } });
    expect(Date.parse(readAt)).toBeGreaterThanOrEqual(Date.parse(current.startedAt));
  });

  it('shows when the key was first used, unless that may have been the previous key', async () => {
    await clock.startMinute();
    const last = async () => (await read()).current.entries.at(-1)?.text;
    await revealKey(db.database, id);
    expect(await last()).toBe('API key collected');
    await countRequest();
    expect(await last()).toBe('First request with this key');
    await resetApiKey(db.database, administrator, { id });
    await revealKey(db.database, id);
    await countRequest();
    expect(await last()).toBe('API key collected');
    expect((await read()).earlier[0]?.entries.at(-1)?.text).toBe('API key collected');
  });
});
