import { eq } from 'drizzle-orm';
import { sessions } from '#db/schema/sessions.ts';
import { ACCOUNT_PAGE } from './fixtures/factors.ts';
import { responsesTo } from './fixtures/sign-in.ts';
import { expect, test } from './fixtures/test.ts';

test('signs out one other browser, then all others', async ({
  signedInAs,
  newUser,
  newSession,
  database,
  where,
}) => {
  const person = await newUser('settings_viewer');
  const anotherBrowser = async () => {
    const session = await newSession(person);
    await database
      .update(sessions)
      .set({
        address: '10.1.2.3',
        userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Chrome/150.0.0.0 Safari/537.36',
      })
      .where(eq(sessions.id, session.sessionId));
    return async () => responsesTo(where, session.cookies, ACCOUNT_PAGE);
  };
  const second = await anotherBrowser();
  const page = await signedInAs(person);
  await page.goto(ACCOUNT_PAGE);
  const list = page.getByRole('list', { name: 'Where you are signed in' });
  await expect(list.getByRole('listitem')).toHaveCount(2);
  await expect(list.getByRole('listitem').first()).toContainText('This browser');
  expect(await second()).toEqual(['200']);
  await list.getByRole('button', { name: /^Sign out: Chrome on .+, from 10\..+, signed in .+ UTC$/ }).click();
  await expect(list.getByRole('listitem')).toHaveCount(1);
  await expect(list).toBeFocused();
  await expect(page.getByRole('button', { name: 'Sign out everywhere else' })).toHaveCount(0);
  expect(await second()).toEqual(['307 /sign-in']);

  const others = [await anotherBrowser(), await anotherBrowser()];
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
  for (const other of others) expect(await other()).toEqual(['307 /sign-in']);
  await page.reload();
  await expect(page).toHaveURL(new RegExp(ACCOUNT_PAGE));
});
