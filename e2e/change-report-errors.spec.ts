import { randomInt } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { callAction, findAction } from './fixtures/call-action.ts';
import { forEachConcurrently } from './fixtures/requests.ts';
import { expect, test } from './fixtures/test.ts';

const REPORT_BUTTON = { name: 'This was not us' };

test.describe('report of an unauthorised change', () => {
  test('shows the same page for an expired or altered token, and for a token of another kind of link', {
    tag: '@soak',
  }, async ({ changedApiAccount, apiAccount, openPage, database }) => {
    const { before, link } = await changedApiAccount();
    const { link: revealLink } = await apiAccount();
    const page = await openPage();
    await page.goto(link);
    await expect(page.getByRole('button', REPORT_BUTTON)).toBeEnabled();
    await database.execute(
      sql`update contact_changes set at = at - interval '8 days' where old_email = ${before.email}`,
    );
    await page.getByRole('button', REPORT_BUTTON).click();
    await expect(page.getByRole('heading', { name: 'This link doesn’t work' })).toBeVisible();
    const [hash, revealHash] = [new URL(link).hash, new URL(revealLink).hash];
    for (const invalidHash of [hash, `${hash}x`, revealHash]) {
      await page.goto('about:blank');
      await page.goto(`/report-change${invalidHash}`);
      await expect(page.getByRole('heading', { name: 'This link doesn’t work' })).toBeVisible();
    }
  });

  test('shows an error if the connection is lost, and succeeds on retry', { tag: '@soak' }, async ({
    changedApiAccount,
    openPage,
  }) => {
    const { link } = await changedApiAccount();
    const page = await openPage();
    let isOffline = true;
    await page.route('**/report-change', (route) =>
      isOffline && route.request().method() === 'POST' ? route.abort() : route.continue(),
    );
    await page.goto(link);
    await expect(page.getByText('We couldn’t reach the server.')).toBeVisible();
    isOffline = false;
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect(page.getByRole('button', REPORT_BUTTON)).toBeEnabled();
    isOffline = true;
    await page.getByRole('button', REPORT_BUTTON).click();
    await expect(page.getByText('We couldn’t reach the server.')).toBeVisible();
    isOffline = false;
    await page.getByRole('button', REPORT_BUTTON).click();
    await expect(page.getByText(/We’ve told the administrators/)).toBeVisible();
  });

  test('limits reports per IP address', { tag: '@soak' }, async ({
    changedApiAccount,
    openPage,
    installation,
  }) => {
    const { link } = await changedApiAccount();
    const ipAddress = `172.16.${randomInt(256)}.${randomInt(256)}`;
    const action = await findAction('submitChangeReport');
    const headers = {
      origin: installation.webUrl,
      'sec-fetch-site': 'same-origin',
      'x-forwarded-for': ipAddress,
    };
    const responses: string[] = [];
    // The limit is 60 reports in ten minutes.
    await forEachConcurrently(Array(61).keys(), async () => {
      const args = [{ token: 'none' }];
      responses.push(
        await callAction({ url: `${installation.webUrl}/report-change`, action, args, headers }),
      );
    });
    expect(responses.filter((response) => response.includes('"rate_limited"'))).toHaveLength(1);
    const page = await openPage();
    await page.setExtraHTTPHeaders({ 'x-forwarded-for': ipAddress });
    await page.goto(link);
    await page.getByRole('button', REPORT_BUTTON).click();
    await expect(page.getByText(/Too many attempts\. Try again in \d+ (minutes|seconds)\./)).toBeVisible();
    const other = await openPage();
    await other.goto(link);
    await other.getByRole('button', REPORT_BUTTON).click();
    await expect(other.getByText(/We’ve told the administrators/)).toBeVisible();
  });

  test('shows a message if JavaScript is off', async ({ installation }) => {
    const body = await (await fetch(`${installation.webUrl}/report-change`)).text();
    expect(body).toMatch(/<noscript>.*needs JavaScript/);
  });
});
