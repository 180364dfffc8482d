import { ACCOUNT_PAGE } from './fixtures/factors.ts';
import { signIn } from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';
import { violations } from './fixtures/violations.ts';

test.use({ contextOptions: { viewport: { width: 360, height: 800 }, reducedMotion: 'reduce' } });

test('a person signs out in one other browser, then everywhere else', async ({ openPage, newUser }) => {
  const person = await newUser('settings_viewer');
  const [page, second, third] = [await openPage(), await openPage(), await openPage()];
  for (const each of [page, second]) await signIn(each, person);
  await page.goto(ACCOUNT_PAGE);
  const list = page.getByRole('list', { name: 'Where you are signed in' });
  await expect(list.getByRole('listitem')).toHaveCount(2);
  await expect(list.getByRole('listitem').first()).toContainText('This browser');
  expect(await violations(page)).toEqual([]);
  const sideways = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth - clientWidth;
  });
  expect(sideways, 'wider than the window').toBe(0);

  await list.getByRole('button', { name: /^Sign out: Chrome on .+, from 10\..+, signed in .+ UTC$/ }).click();
  await expect(list.getByRole('listitem')).toHaveCount(1);
  await expect(list).toBeFocused();
  await expect(page.getByRole('button', { name: 'Sign out everywhere else' })).toHaveCount(0);
  await second.goto(ACCOUNT_PAGE);
  await expect(second).toHaveURL(/\/sign-in/);

  for (const each of [second, third]) await signIn(each, person);
  await page.reload();
  await expect(list.getByRole('listitem')).toHaveCount(3);
  const noAnswer = page.getByRole('alert').filter({ hasText: 'The server did not answer' });
  await page.route(`**${ACCOUNT_PAGE}`, (route) => route.abort(), { times: 1 });
  await list
    .getByRole('button', { name: /^Sign out: / })
    .first()
    .click();
  await expect(noAnswer).toBeVisible();
  await page.getByRole('button', { name: 'Sign out everywhere else' }).click();
  await expect(list.getByRole('listitem')).toHaveCount(1);
  await expect(noAnswer).toHaveCount(0);
  for (const each of [second, third]) {
    await each.goto(ACCOUNT_PAGE);
    await expect(each).toHaveURL(/\/sign-in/);
  }
  await page.reload();
  await expect(page).toHaveURL(new RegExp(ACCOUNT_PAGE));
});
