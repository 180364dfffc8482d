import { eq } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { linkOpenings } from '#db/schema/link-openings.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import {
  currentReveal,
  letTimePass,
  testAccount,
  testAdministrator,
  wrongCode,
} from '#lib/testing/accounts.ts';
import { OPENINGS_PER_LINK } from './limits.ts';
import { openReveal, recordInteractionByLink } from './open.ts';
import { submitCode } from './submit-code.ts';

let db: TestDatabase;
let administrator: Administrator;
let accountId: string;
let reveal: Awaited<ReturnType<typeof currentReveal>>;

beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await testAdministrator(db.database);
});
beforeEach(async () => {
  accountId = (await testAccount(db.database, administrator)).id;
  reveal = await currentReveal(db.database, accountId);
});
afterAll(() => db.drop());

async function open(): Promise<string> {
  const opened = await openReveal(db.database, reveal.token);
  if (!opened.ok || !opened.opening) throw new Error('the opening was not recorded');
  return opened.opening;
}

const readOpenings = () =>
  db.database.select().from(linkOpenings).where(eq(linkOpenings.revealId, reveal.id));
const touchedIds = async () =>
  (await readOpenings()).filter(({ touchedAt }) => touchedAt).map(({ id }) => id);
const touch = (opening: string, token = reveal.token) =>
  recordInteractionByLink(db.database, { token, opening });

describe('openReveal', () => {
  it('records the opening and changes nothing else', async () => {
    const opening = await open();
    expect(await readOpenings()).toMatchObject([{ id: opening, touchedAt: null }]);
    expect(await currentReveal(db.database, accountId)).toEqual({ ...reveal, openings: 1 });
  });

  it('records at most 20 of 100 concurrent openings, and shows the page each time', async () => {
    const opened = await Promise.all(
      Array.from({ length: 100 }, () => openReveal(db.database, reveal.token)),
    );
    expect(opened.every(({ ok }) => ok)).toBe(true);
    expect(await readOpenings()).toHaveLength(OPENINGS_PER_LINK);
    const returned = opened.flatMap((result) => (result.ok && result.opening ? [result.opening] : []));
    expect(returned.toSorted()).toEqual((await readOpenings()).map(({ id }) => id).toSorted());
    expect(await currentReveal(db.database, accountId)).toEqual({ ...reveal, openings: 20 });
  });

  it.each<[string, () => Promise<unknown>]>([
    ['expired', () => letTimePass(db.database, accountId, '24 hours 1 second')],
    ['replaced', () => resetApiKey(db.database, administrator, { id: accountId })],
  ])('records nothing if the link is %s', async (_, end) => {
    await end();
    expect(await openReveal(db.database, reveal.token)).toEqual({ ok: false, reason: 'ended' });
    expect(await readOpenings()).toEqual([]);
  });

  describe('when the opening cannot be recorded', () => {
    beforeEach(async () => {
      vi.spyOn(process.stderr, 'write').mockReturnValue(true);
      await db.pool.query('alter table link_openings add constraint full_up check (false) not valid');
    });
    afterEach(async () => {
      vi.restoreAllMocks();
      await db.pool.query('alter table link_openings drop constraint full_up');
    });

    it('still shows the page', async () => {
      expect(await openReveal(db.database, reveal.token)).toMatchObject({ ok: true, opening: null });
      expect(await currentReveal(db.database, accountId)).toEqual(reveal);
    });
  });
});

describe('recordInteractionByLink', () => {
  it('records the first interaction, for that opening only', async () => {
    const [one] = [await open(), await open()];
    const results = await Promise.all(Array.from({ length: 10 }, () => touch(one)));
    expect(results.filter(Boolean)).toHaveLength(1);
    const before = await readOpenings();
    expect(await touchedIds()).toEqual([one]);
    expect(await touch(one)).toBe(false);
    expect(await readOpenings()).toEqual(before);
  });

  it("requires the opening's own link", async () => {
    const opening = await open();
    const other = await testAccount(db.database, administrator);
    const { token } = await currentReveal(db.database, other.id);
    for (const wrong of [token, '', 'x', `${reveal.token}A`]) expect(await touch(opening, wrong)).toBe(false);
    expect(await touch(uuidv7())).toBe(false);
    expect(await touchedIds()).toEqual([]);
  });

  it('is called when a code is submitted, right, wrong or malformed', async () => {
    const [malformed, wrong, right] = [await open(), await open(), await open()];
    const submit = (opening: string | null, code: string | null) =>
      submitCode(db.database, { token: reveal.token, code, opening });
    await submit(null, null);
    expect(await touchedIds()).toEqual([]);
    await submit(malformed, null);
    await submit(wrong, wrongCode(reveal.code));
    expect((await touchedIds()).toSorted()).toEqual([malformed, wrong].toSorted());
    expect(await submit(right, reveal.code)).toMatchObject({ ok: true });
    expect(await touchedIds()).toHaveLength(3);
  });

  it('does not prevent a submission with an unknown opening', async () => {
    const input = { token: reveal.token, code: reveal.code, opening: uuidv7() };
    expect(await submitCode(db.database, input)).toMatchObject({ ok: true });
  });
});
