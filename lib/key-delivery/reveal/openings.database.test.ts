import { eq } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { linkOpenings } from '#db/schema/link-openings.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import {
  createTestAccount,
  createTestAdministrator,
  letTimePass,
  makeWrongCode,
  readCurrentReveal,
} from '#lib/testing/accounts.ts';
import { OPENINGS_PER_LINK } from './limits.ts';
import { openReveal, recordInteractionByLink } from './open.ts';
import { submitCode } from './submit-code.ts';

let db: TestDatabase;
let administrator: Administrator;
let accountId: string;
let reveal: Awaited<ReturnType<typeof readCurrentReveal>>;

beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
});
beforeEach(async () => {
  accountId = (await createTestAccount(db.database, administrator)).id;
  reveal = await readCurrentReveal(db.database, accountId);
});
afterAll(() => db.drop());

/** Opens the link. Returns the opening's id. */
async function openLink(): Promise<string> {
  const opened = await openReveal(db.database, reveal.token);
  if (!opened.ok || !opened.openingId) throw new Error('the opening was not recorded');
  return opened.openingId;
}

const readOpenings = () =>
  db.database.select().from(linkOpenings).where(eq(linkOpenings.revealId, reveal.id));
const readIdsWithInteraction = async () =>
  (await readOpenings()).filter(({ interactedAt }) => interactedAt).map(({ id }) => id);
const recordInteraction = (openingId: string, token = reveal.token) =>
  recordInteractionByLink(db.database, { token, openingId });

describe('openReveal', () => {
  it('records the opening and changes nothing else', async () => {
    const openingId = await openLink();
    expect(await readOpenings()).toMatchObject([{ id: openingId, interactedAt: null }]);
    expect(await readCurrentReveal(db.database, accountId)).toEqual({ ...reveal, openings: 1 });
  });

  it('records at most 20 of 100 concurrent openings, and shows the page each time', async () => {
    const opened = await Promise.all(
      Array.from({ length: 100 }, () => openReveal(db.database, reveal.token)),
    );
    expect(opened.every(({ ok }) => ok)).toBe(true);
    expect(await readOpenings()).toHaveLength(OPENINGS_PER_LINK);
    const returned = opened.flatMap((result) => (result.ok && result.openingId ? [result.openingId] : []));
    expect(returned.toSorted()).toEqual((await readOpenings()).map(({ id }) => id).toSorted());
    expect(await readCurrentReveal(db.database, accountId)).toEqual({ ...reveal, openings: 20 });
  });

  it.each<[string, () => Promise<unknown>]>([
    ['expired', () => letTimePass(db.database, accountId, '24 hours 1 second')],
    ['replaced', () => resetApiKey(db.database, administrator, { id: accountId })],
  ])('records nothing if the link is %s', async (_, end) => {
    await end();
    expect(await openReveal(db.database, reveal.token)).toEqual({ ok: false, reason: 'invalid_link' });
    expect(await readOpenings()).toEqual([]);
  });

  describe('when the opening cannot be recorded', () => {
    beforeEach(async () => {
      vi.spyOn(process.stderr, 'write').mockReturnValue(true);
      await db.pool.query('alter table link_openings add constraint reject_all check (false) not valid');
    });
    afterEach(async () => {
      vi.restoreAllMocks();
      await db.pool.query('alter table link_openings drop constraint reject_all');
    });

    it('still shows the page', async () => {
      expect(await openReveal(db.database, reveal.token)).toMatchObject({ ok: true, openingId: null });
      expect(await readCurrentReveal(db.database, accountId)).toEqual(reveal);
    });
  });
});

describe('recordInteractionByLink', () => {
  it('records the first interaction once, for that opening only', async () => {
    const [first] = [await openLink(), await openLink()];
    const results = await Promise.all(Array.from({ length: 10 }, () => recordInteraction(first)));
    expect(results.filter(Boolean)).toHaveLength(1);
    const before = await readOpenings();
    expect(await readIdsWithInteraction()).toEqual([first]);
    expect(await recordInteraction(first)).toBe(false);
    expect(await readOpenings()).toEqual(before);
  });

  it("requires the link of the opening's reveal, and a known opening", async () => {
    const openingId = await openLink();
    const other = await createTestAccount(db.database, administrator);
    const { token } = await readCurrentReveal(db.database, other.id);
    for (const wrong of [token, '', 'x', `${reveal.token}A`])
      expect(await recordInteraction(openingId, wrong)).toBe(false);
    expect(await recordInteraction(uuidv7())).toBe(false);
    expect(await readIdsWithInteraction()).toEqual([]);
  });
});

describe('submitCode', () => {
  it('records an interaction, whether the code is right, wrong or malformed', async () => {
    const [malformed, wrong, right] = [await openLink(), await openLink(), await openLink()];
    const submit = (openingId: string | null, code: string | null) =>
      submitCode(db.database, { token: reveal.token, code, openingId });
    await submit(null, null);
    expect(await readIdsWithInteraction()).toEqual([]);
    await submit(malformed, null);
    await submit(wrong, makeWrongCode(reveal.code));
    expect((await readIdsWithInteraction()).toSorted()).toEqual([malformed, wrong].toSorted());
    expect(await submit(right, reveal.code)).toMatchObject({ ok: true });
    expect(await readIdsWithInteraction()).toHaveLength(3);
  });

  it('accepts the right code with an unknown opening', async () => {
    const input = { token: reveal.token, code: reveal.code, openingId: uuidv7() };
    expect(await submitCode(db.database, input)).toMatchObject({ ok: true });
  });
});
