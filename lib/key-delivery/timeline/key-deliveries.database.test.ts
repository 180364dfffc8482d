import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import { readSummary } from '#lib/api-accounts/summary.ts';
import { updateApiAccount } from '#lib/api-accounts/update.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { createTestAccount, createTestAdministrator, letTimePass, revealKey } from '#lib/testing/accounts.ts';
import { DatabaseClock } from '#lib/testing/clock.ts';
import { readTimeline } from './read.ts';

let db: TestDatabase;
let clock: DatabaseClock;
let administrator: Administrator;
let id: string;

beforeAll(async () => {
  db = await createTestDatabase();
  clock = await DatabaseClock.install(db.url);
  administrator = await createTestAdministrator(db.database);
});
beforeEach(async () => {
  id = (await createTestAccount(db.database, administrator)).id;
});
afterAll(() => db.drop());

async function readKeyDeliveries() {
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

/** Counts an accepted request in the current minute, as a verifier does. */
const countRequest = () =>
  db.pool.query(
    `insert into api_account_minutes values ($1, date_trunc('minute', now()), 1, 0, 0)
      on conflict (account_id, minute) do update set allowed = api_account_minutes.allowed + 1`,
    [id],
  );

describe('readTimeline', () => {
  it('returns the current key delivery and ten earlier ones, newest first', async () => {
    const email = await changeEmail();
    for (let round = 0; round < 12; round += 1) await resetApiKey(db.database, administrator, { id });
    const { current, earlier } = await readKeyDeliveries();
    expect(current.entries[0]?.text).toBe('Ada Minister reset the API key');
    expect(current.email).toBe(`x${email}`);
    expect(earlier).toHaveLength(10);
    expect(earlier.every(({ state }) => state === 'replaced')).toBe(true);
    const starts = [current, ...earlier].map(({ startedAt }) => startedAt);
    expect(starts).toEqual(starts.toSorted().toReversed());
  });

  it('shows when the old key of a reset was to end', async () => {
    await revealKey(db.database, id);
    await resetApiKey(db.database, administrator, { id, oldKey: 'on_first_use' });
    const { current, oldKey } = await readKeyDeliveries();
    expect(oldKey).toMatchObject({ endsOn: 'first_use', newKey: 'not_collected' });
    expect(current.entries[0]).toMatchObject({
      text: 'Ada Minister reset the API key',
      details: 'The old key ends when the new key is first used.',
    });
    await resetApiKey(db.database, administrator, { id });
    expect((await readKeyDeliveries()).current.entries[0]?.details).toBeNull();
  });

  it('shows that a contact change replaced a key delivery', async () => {
    const email = await changeEmail();
    const { current, earlier } = await readKeyDeliveries();
    expect(current.entries[0]?.text).toBe('Ada Minister changed the contact details');
    expect(earlier[0]?.entries.at(-1)?.text).toBe('Replaced by a newer link and code');
    expect(earlier[0]?.email).toBe(email);
  });

  it('shows a problem if no worker sends the messages', async () => {
    await db.pool.query(
      "update messages set created_at = now() - interval '31 seconds' where reveal_id = (select reveal_id from api_accounts where id = $1)",
      [id],
    );
    // `letTimePass` moves the reveal into the past, but not its messages.
    await letTimePass(db.database, id, '31 seconds');
    expect((await readKeyDeliveries()).current.status.text).toBe(
      'Text not sent yet. The sending service (worker) may be stopped.',
    );
  });

  it('returns only the key deliveries of its account, and null for an unknown account', async () => {
    const own = (await readKeyDeliveries()).current.id;
    id = (await createTestAccount(db.database, administrator)).id;
    expect((await readKeyDeliveries()).current.id).not.toBe(own);
    expect(await readTimeline(db.database, administrator, { id: uuidv7() })).toBeNull();
  });

  it('returns when each message can be resent, and how many resends are left', async () => {
    const { readAt, resendAvailability, current } = await readKeyDeliveries();
    expect(Date.parse(resendAvailability?.email.at ?? '') - Date.parse(current.startedAt)).toBe(60_000);
    expect(Date.parse(resendAvailability?.text.at ?? '') - Date.parse(current.startedAt)).toBe(30_000);
    expect(resendAvailability).toMatchObject({ email: { left: 5 }, text: { left: 5 } });
    expect(Date.parse(readAt)).toBeGreaterThanOrEqual(Date.parse(current.startedAt));
  });

  it('shows the first use of a key, unless the request may have used the previous key', async () => {
    await clock.startMinute();
    const readLastText = async () => (await readKeyDeliveries()).current.entries.at(-1)?.text;
    await revealKey(db.database, id);
    expect(await readLastText()).toBe('API key collected');
    await countRequest();
    expect(await readLastText()).toBe('First request with this key');
    await resetApiKey(db.database, administrator, { id });
    await revealKey(db.database, id);
    await countRequest();
    expect(await readLastText()).toBe('API key collected');
    expect((await readKeyDeliveries()).earlier[0]?.entries.at(-1)?.text).toBe('API key collected');
  });
});
