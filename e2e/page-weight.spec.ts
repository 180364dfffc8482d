import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describeModules } from '../scripts/page-modules.ts';
import { formatKilobytes, weighScripts } from '../scripts/page-weight.ts';
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
  '/settings/users/api-accounts': 55_000,
  '/settings/audit-log': 53_000,
  '/settings/webhooks': 46_000,
};

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
