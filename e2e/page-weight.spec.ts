import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describeModules } from '../scripts/page-modules.ts';
import { formatKilobytes, weighScripts } from '../scripts/page-weight.ts';
import { insertManyAccounts } from './fixtures/accounts.ts';
import { ACCOUNTS_PATH } from './fixtures/pages.ts';
import { sendAs } from './fixtures/requests.ts';
import { ROOT } from './fixtures/stagedoor.ts';
import { expect, test } from './fixtures/test.ts';

/** The JavaScript of a page without code of our own, measured with these versions by `npm run bench -- --bare-page`. */
const BARE_PAGE = { bytes: 134_900, next: '16.4.6', react: '19.3.1' };

/**
 * The most JavaScript that a page may load above a bare page, before the user does anything: in bytes with gzip.
 * `/reveal` has all that it needs to show the key, because a script that is loaded later may fail.
 */
const BUDGETS = {
  '/sign-in': 27_000,
  '/reveal': 30_000,
  '/leaked': 17_000,
  '/settings/users/api-accounts': 58_000,
  '/settings/audit-log': 53_000,
  '/settings/webhooks': 46_000,
};

/** The most bytes that the HTML of a full page of the list may have, before compression. Browsers parse all of them. */
const LIST_HTML_BUDGET = 120_000;

test('the HTML of 50 accounts stays within its budget', async ({ installation, newSession, database }) => {
  const search = await insertManyAccounts(database, 50);
  const { cookies } = await newSession('settings_administrator');
  const list = { path: `${ACCOUNTS_PATH}?search=${encodeURIComponent(search)}` };
  const read = async () => (await sendAs(installation.webUrl, { cookies, headers: {} }, list)).text;
  let text = '';
  // The first request may take so long that its response has a skeleton as well.
  await expect.poll(async () => (text = await read())).not.toContain('aria-busy');
  expect(text).toContain('1–50 of 50');
  const size = Buffer.byteLength(text);
  console.log(`${ACCOUNTS_PATH}: ${formatKilobytes(size)} of ${formatKilobytes(LIST_HTML_BUDGET)} of HTML`);
  expect(size).toBeLessThanOrEqual(LIST_HTML_BUDGET);
});

test.describe('JavaScript of the pages', () => {
  for (const [page, budget] of Object.entries(BUDGETS))
    test(`${page} stays within its budget`, async ({ installation, newSession }) => {
      const isPublic = !page.startsWith('/settings');
      const cookies = isPublic ? undefined : (await newSession('settings_administrator')).cookies;
      const { status, text } = await sendAs(installation.webUrl, { cookies, headers: {} }, { path: page });
      expect(status).toBe(200);
      const own = (await weighScripts(text, path.join(ROOT, '.next'))) - BARE_PAGE.bytes;
      console.log(`${page}: ${formatKilobytes(own)} of ${formatKilobytes(budget)} above a bare page`);
      // Less would mean that the scripts were not found.
      expect(own).toBeGreaterThan(0);
      expect(own, own > budget ? await describeModules(ROOT, page.slice(1)) : '').toBeLessThanOrEqual(budget);
    });

  test('the bare page was measured with the same versions of Next.js and React', async () => {
    const { dependencies } = JSON.parse(await readFile(path.join(ROOT, 'package.json'), 'utf8'));
    expect(dependencies, 'run `npm run bench -- --bare-page`, and set BARE_PAGE').toMatchObject({
      next: BARE_PAGE.next,
      react: BARE_PAGE.react,
    });
  });
});
