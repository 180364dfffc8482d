import { randomInt } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { builtAction, callAction } from './fixtures/call-action.ts';
import { forEachConcurrently } from './fixtures/requests.ts';
import { expect, test } from './fixtures/test.ts';

const PRESS = { name: 'This was not us' };

test('one page for a link that is over, incomplete, another one or none', async ({
  changedApiAccount,
  apiAccount,
  openPage,
  database,
}) => {
  const { before, link } = await changedApiAccount();
  const { link: revealLink } = await apiAccount();
  const page = await openPage();
  await page.goto(link);
  await expect(page.getByRole('button', PRESS)).toBeEnabled();
  await database.execute(
    sql`update address_changes set at = at - interval '8 days' where old_email = ${before.email}`,
  );
  await page.getByRole('button', PRESS).click();
  await expect(page.getByRole('heading', { name: 'This link does not work' })).toBeVisible();
  const revealToken = new URL(revealLink).hash;
  for (const hash of [new URL(link).hash, `${new URL(link).hash}x`, revealToken, '#x', '']) {
    await page.goto('about:blank');
    await page.goto(`/not-us${hash}`);
    await expect(page.getByRole('heading', { name: 'This link does not work' })).toBeVisible();
  }
});

test('a lost connection is told, and the next press goes through', async ({
  changedApiAccount,
  openPage,
}) => {
  const { link } = await changedApiAccount();
  const page = await openPage();
  let lost = true;
  await page.route('**/not-us', (route) =>
    lost && route.request().method() === 'POST' ? route.abort() : route.continue(),
  );
  await page.goto(link);
  await expect(page.getByText('The server did not answer.')).toBeVisible();
  lost = false;
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('button', PRESS)).toBeEnabled();
  lost = true;
  await page.getByRole('button', PRESS).click();
  await expect(page.getByText('The server did not answer.')).toBeVisible();
  lost = false;
  await page.getByRole('button', PRESS).click();
  await expect(page.getByText(/have been told/)).toBeVisible();
});

test('too many from one address are told to wait; others are not', async ({
  changedApiAccount,
  openPage,
  where,
}) => {
  const { link } = await changedApiAccount();
  const address = `172.16.${randomInt(256)}.${randomInt(256)}`;
  const action = await builtAction('submitChangeReport');
  const headers = {
    origin: where.webUrl,
    'sec-fetch-site': 'same-origin',
    'x-forwarded-for': address,
  };
  const answers: string[] = [];
  await forEachConcurrently(Array(61).keys(), async () => {
    const args = [{ token: 'none' }];
    answers.push(await callAction({ url: `${where.webUrl}/not-us`, action, args, headers }));
  });
  expect(answers.filter((answer) => answer.includes('"throttled"'))).toHaveLength(1);
  const page = await openPage();
  await page.setExtraHTTPHeaders({ 'x-forwarded-for': address });
  await page.goto(link);
  await page.getByRole('button', PRESS).click();
  await expect(
    page.getByText(/too many tries from here\. Try again in \d+ (minutes|seconds)\./),
  ).toBeVisible();
  const other = await openPage();
  await other.goto(link);
  await other.getByRole('button', PRESS).click();
  await expect(other.getByText(/have been told/)).toBeVisible();
});

test('without JavaScript the page says that it needs it', async ({ where }) => {
  const body = await (await fetch(`${where.webUrl}/not-us`)).text();
  expect(body).toMatch(/<noscript>.*needs JavaScript/);
});
