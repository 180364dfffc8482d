import { eq } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { linkOpenings } from '#db/schema/link-openings.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import {
  letTimePass,
  presentReveal,
  testAccount,
  testAdministrator,
  wrongCode,
} from '#lib/testing/accounts.ts';
import { OPENINGS_PER_LINK } from './limits.ts';
import { openReveal } from './open.ts';
import { submitCode } from './submit-code.ts';
import { touchOpening } from './touch-opening.ts';

let test: TestDatabase;
let administrator: Administrator;
let accountId: string;
let reveal: Awaited<ReturnType<typeof presentReveal>>;

beforeAll(async () => {
  test = await createTestDatabase();
  administrator = await testAdministrator(test.database);
});
beforeEach(async () => {
  accountId = (await testAccount(test.database, administrator)).id;
  reveal = await presentReveal(test.database, accountId);
});
afterAll(() => test.drop());

async function open(): Promise<string> {
  const opened = await openReveal(test.database, reveal.token);
  if (!opened.ok || !opened.opening) throw new Error('not written');
  return opened.opening;
}

const openings = () => test.database.select().from(linkOpenings).where(eq(linkOpenings.revealId, reveal.id));
const touched = async () => (await openings()).filter(({ touchedAt }) => touchedAt).map(({ id }) => id);
const touch = (opening: string, token = reveal.token) => touchOpening(test.database, { token, opening });

describe('opening a link', () => {
  it('is written down, and costs nothing', async () => {
    const opening = await open();
    expect(await openings()).toMatchObject([{ id: opening, touchedAt: null }]);
    expect(await presentReveal(test.database, accountId)).toEqual({ ...reveal, openings: 1 });
  });

  it('is written down twenty times, also of a hundred at once; the page is there each time', async () => {
    const opened = await Promise.all(
      Array.from({ length: 100 }, () => openReveal(test.database, reveal.token)),
    );
    expect(opened.every(({ ok }) => ok)).toBe(true);
    expect(await openings()).toHaveLength(OPENINGS_PER_LINK);
    const known = opened.flatMap((result) => (result.ok && result.opening ? [result.opening] : []));
    expect(known.toSorted()).toEqual((await openings()).map(({ id }) => id).toSorted());
    expect(await presentReveal(test.database, accountId)).toEqual({ ...reveal, openings: 20 });
  });

  it.each<[string, () => Promise<unknown>]>([
    ['expired', () => letTimePass(test.database, accountId, '24 hours 1 second')],
    ['replaced', () => resetApiKey(test.database, administrator, { id: accountId })],
  ])('is not, where the link is %s', async (_, end) => {
    await end();
    expect(await openReveal(test.database, reveal.token)).toEqual({ ok: false, reason: 'ended' });
    expect(await openings()).toEqual([]);
  });

  describe('where it cannot be written', () => {
    beforeEach(async () => {
      vi.spyOn(process.stderr, 'write').mockReturnValue(true);
      await test.pool.query('alter table link_openings add constraint full_up check (false) not valid');
    });
    afterEach(async () => {
      vi.restoreAllMocks();
      await test.pool.query('alter table link_openings drop constraint full_up');
    });

    it('shows the page all the same', async () => {
      expect(await openReveal(test.database, reveal.token)).toMatchObject({ ok: true, opening: null });
      expect(await presentReveal(test.database, accountId)).toEqual(reveal);
    });
  });
});

describe('touching the page', () => {
  it('is written down once, for that opening alone', async () => {
    const [one] = [await open(), await open()];
    const results = await Promise.all(Array.from({ length: 10 }, () => touch(one)));
    expect(results.filter(Boolean)).toHaveLength(1);
    const before = await openings();
    expect(await touched()).toEqual([one]);
    expect(await touch(one)).toBe(false);
    expect(await openings()).toEqual(before);
  });

  it('takes the link: another one, or none, touches nothing', async () => {
    const opening = await open();
    const other = await testAccount(test.database, administrator);
    const { token } = await presentReveal(test.database, other.id);
    for (const wrong of [token, '', 'x', `${reveal.token}A`]) expect(await touch(opening, wrong)).toBe(false);
    expect(await touch(uuidv7())).toBe(false);
    expect(await touched()).toEqual([]);
  });

  it('is what submitting a code does, right, wrong or malformed', async () => {
    const [malformed, wrong, right] = [await open(), await open(), await open()];
    const submit = (opening: string | null, code: string) =>
      submitCode(test.database, { token: reveal.token, code, opening });
    await submit(null, '');
    expect(await touched()).toEqual([]);
    await submit(malformed, 'abc');
    await submit(wrong, wrongCode(reveal.code));
    expect((await touched()).toSorted()).toEqual([malformed, wrong].toSorted());
    expect(await submit(right, reveal.code)).toMatchObject({ ok: true });
    expect(await touched()).toHaveLength(3);
  });

  it('goes without a code whose opening was made up', async () => {
    const made = { token: reveal.token, code: reveal.code, opening: uuidv7() };
    expect(await submitCode(test.database, made)).toMatchObject({ ok: true });
  });
});
