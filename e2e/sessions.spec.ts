import { eq } from 'drizzle-orm';
import { sessions } from '#db/schema/sessions.ts';
import { YOUR_ACCOUNT_PATH } from './fixtures/mfa.ts';
import { collectDistinctResponses } from './fixtures/sign-in.ts';
import { expect, test } from './fixtures/test.ts';

test.describe('session list', () => {
  test('signs the user out of one other browser, then of all others, and shows an error if there is no response', async ({
    signedInAs,
    newUser,
    newSession,
    database,
    installation,
  }) => {
    const user = await newUser('settings_viewer');
    /** Inserts another session of the user. @returns a function that sends a request with it */
    const insertOtherSession = async () => {
      const session = await newSession(user);
      await database
        .update(sessions)
        .set({
          ipAddress: '10.1.2.3',
          userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Chrome/150.0.0.0 Safari/537.36',
        })
        .where(eq(sessions.id, session.sessionId));
      return () => collectDistinctResponses(installation, session.cookies, YOUR_ACCOUNT_PATH);
    };
    const requestFromOther = await insertOtherSession();
    const page = await signedInAs(user);
    await page.goto(YOUR_ACCOUNT_PATH);
    const list = page.getByRole('list', { name: 'Where you’re signed in' });
    await expect(list.getByRole('listitem')).toHaveCount(2);
    await expect(list.getByRole('listitem').first()).toContainText('This browser');
    expect(await requestFromOther()).toEqual(['200']);
    await list
      .getByRole('button', { name: /^Sign out: Chrome on .+, from 10\..+, signed in .+ GMT\+5:45$/ })
      .click();
    await expect(list.getByRole('listitem')).toHaveCount(1);
    await expect(list).toBeFocused();
    await expect(page.getByRole('button', { name: 'Sign out everywhere else' })).toHaveCount(0);
    expect(await requestFromOther()).toEqual(['307 /sign-in']);

    const requestsFromOthers = [await insertOtherSession(), await insertOtherSession()];
    await page.reload();
    await expect(list.getByRole('listitem')).toHaveCount(3);
    const errorMessage = page.getByRole('alert').filter({ hasText: 'We didn’t get a response' });
    await page.route(`**${YOUR_ACCOUNT_PATH}`, (route) => route.abort(), { times: 1 });
    await list
      .getByRole('button', { name: /^Sign out: / })
      .first()
      .click();
    await expect(errorMessage).toBeVisible();
    await page.getByRole('button', { name: 'Sign out everywhere else' }).click();
    await expect(list.getByRole('listitem')).toHaveCount(1);
    await expect(errorMessage).toHaveCount(0);
    for (const request of requestsFromOthers) expect(await request()).toEqual(['307 /sign-in']);
    await page.reload();
    await expect(page).toHaveURL(new RegExp(YOUR_ACCOUNT_PATH));
  });
});
