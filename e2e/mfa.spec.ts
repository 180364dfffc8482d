import { sql } from 'drizzle-orm';
import { clearLastTotpStep } from '#lib/testing/test-users.ts';
import {
  addPasskey,
  addVirtualAuthenticator,
  completeTotpSetup,
  consumeCurrentTotp,
  enterPassword,
  generateCurrentTotp,
  generateWrongTotp,
  insertPasskey,
  insertTotp,
  saveRecoveryCodes,
  signOut,
  waitUntilSignedIn,
  YOUR_ACCOUNT_PATH,
} from './fixtures/mfa.ts';
import { ACCOUNTS_PATH } from './fixtures/pages.ts';
import { collectDistinctResponses, postSignIn } from './fixtures/sign-in.ts';
import { expect, test } from './fixtures/test.ts';

test.describe('two-step sign-in', () => {
  test('accepts a passkey alone or after a password, until it is removed', async ({
    signedInAs,
    newUser,
    outbox,
    installation,
  }) => {
    const user = await newUser('settings_administrator');
    const page = await signedInAs(user);
    await addVirtualAuthenticator(page);
    await addPasskey(page, 'My phone');
    await saveRecoveryCodes(page);
    await expect(page.getByRole('list', { name: 'Your passkeys' })).toContainText('My phone');
    expect((await outbox.waitForEmail(user.email)).subject).toContain('A passkey was added');

    await signOut(page);
    await page.getByRole('button', { name: 'Use a passkey' }).click();
    await waitUntilSignedIn(page);
    await signOut(page);
    await enterPassword(page, user);
    await page.getByRole('button', { name: 'Use a passkey' }).click();
    await waitUntilSignedIn(page);

    await page.goto(YOUR_ACCOUNT_PATH);
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    const box = page.getByRole('dialog', { name: 'Remove passkey' });
    await box.getByRole('button', { name: 'Remove', exact: true }).click();
    await expect(box).toBeHidden();
    await expect(page.getByRole('list', { name: 'Your passkeys' })).toHaveCount(0);
    expect((await outbox.waitForEmail(user.email)).subject).toContain('A passkey was removed');
    await signOut(page);
    await page.getByRole('button', { name: 'Use a passkey' }).click();
    await expect(
      page.getByRole('alert').filter({ hasText: 'We don’t recognise this passkey' }),
    ).toBeVisible();
    expect(await postSignIn(page, installation, user)).toBe('signed_in');
  });

  test('renames a passkey, and rejects a second one of the same device', { tag: '@soak' }, async ({
    signedInAs,
    newUser,
    database,
  }) => {
    const user = await newUser(null);
    const page = await signedInAs(user);
    await insertPasskey(database, await addVirtualAuthenticator(page), user, 'One');
    await page.goto(YOUR_ACCOUNT_PATH);
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    const addDialog = page.getByRole('dialog', { name: 'Add a passkey' });
    await addDialog.getByRole('button', { name: 'Add passkey' }).click();
    await expect(addDialog.getByRole('alert')).toContainText('already have a passkey');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Rename' }).click();
    const box = page.getByRole('dialog', { name: 'Rename passkey' });
    await box.getByLabel('Name').fill('');
    await box.getByRole('button', { name: 'Save' }).click();
    await expect(box.getByRole('alert')).toContainText('Enter a name');
    await box.getByLabel('Name').fill('The blue one');
    await box.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByRole('list', { name: 'Your passkeys' })).toContainText('The blue one');
  });

  test('rejects a passkey of a device that does not verify its user', { tag: '@soak' }, async ({
    openPage,
    newUser,
    database,
  }) => {
    const page = await openPage();
    const authenticator = await addVirtualAuthenticator(page);
    await insertPasskey(database, authenticator, await newUser('settings_viewer'), 'My phone');
    const { session, id } = authenticator;
    await page.goto('/sign-in');
    await page.getByRole('button', { name: 'Use a passkey' }).click();
    await waitUntilSignedIn(page);
    await signOut(page);
    await session.send('WebAuthn.setUserVerified', { authenticatorId: id, isUserVerified: false });
    await page.getByRole('button', { name: 'Use a passkey' }).click();
    await expect(page.getByRole('alert').filter({ hasText: 'No passkey was used' })).toBeVisible();
    await expect(page).toHaveURL(/\/sign-in/);
  });

  test('asks for a TOTP code at sign-in until the app is removed, and rejects a used code', {
    tag: '@soak',
  }, async ({ signedInAs, newUser, database, installation }) => {
    const user = await newUser('settings_administrator');
    const page = await signedInAs(user);
    const { key } = await completeTotpSetup(page);
    await signOut(page);
    await enterPassword(page, user);
    const code = page.getByLabel('Code from your authenticator app');
    await expect(code).toBeFocused();
    await expect(code).toHaveAttribute('autocomplete', 'one-time-code');
    await page.goto(ACCOUNTS_PATH);
    await expect(page, 'no session yet').toHaveURL(/\/sign-in/);

    await enterPassword(page, user);
    const submit = page.getByRole('button', { name: 'Sign in' });
    await code.fill('12');
    await submit.click();
    await expect(page.getByText('That code is incomplete.')).toBeVisible();
    await consumeCurrentTotp(database, user);
    await code.fill(generateCurrentTotp(key));
    await submit.click();
    await expect(page.getByText(/already been used. You have 4 tries left/)).toBeVisible();
    await clearLastTotpStep(database, user.userId);
    const currentCode = generateCurrentTotp(key);
    await code.fill(`${currentCode.slice(0, 3)} ${currentCode.slice(3)}`);
    await page.keyboard.press('Enter');
    await waitUntilSignedIn(page);

    await page.goto(YOUR_ACCOUNT_PATH);
    await page.getByRole('button', { name: 'Remove app' }).click();
    const box = page.getByRole('dialog', { name: 'Remove authenticator app' });
    await box.getByRole('button', { name: 'Remove', exact: true }).click();
    await expect(box).toBeHidden();
    expect(await postSignIn(page, installation, user)).toBe('signed_in');
  });

  test('asks for the password again after five wrong codes', { tag: '@soak' }, async ({
    openPage,
    newUser,
    database,
  }) => {
    const user = await newUser('settings_viewer');
    const wrongCode = generateWrongTotp((await insertTotp(database, user)).key);
    const page = await openPage();
    await enterPassword(page, user);
    for (const attemptsLeft of [4, 3, 2, 1]) {
      await page.getByLabel('Code from your authenticator app').fill(wrongCode);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await expect(
        page.getByText(`You have ${attemptsLeft} ${attemptsLeft === 1 ? 'try' : 'tries'} left`),
      ).toBeVisible();
    }
    await page.getByLabel('Code from your authenticator app').fill(wrongCode);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByText('Enter your password again.')).toBeVisible();
    await expect(page.getByLabel('Password', { exact: true })).toBeVisible();
  });

  test('signs the user out of other browsers when a factor is added', { tag: '@soak' }, async ({
    openPage,
    signedInAs,
    newUser,
    database,
    installation,
  }) => {
    const user = await newUser('settings_administrator');
    const otherBrowser = await openPage();
    expect(await postSignIn(otherBrowser, installation, user)).toBe('signed_in');
    const cookies = await otherBrowser.context().storageState();
    expect(await collectDistinctResponses(installation, cookies, ACCOUNTS_PATH)).toEqual(['200']);
    const page = await signedInAs(user);
    await completeTotpSetup(page);
    expect(await collectDistinctResponses(installation, cookies, ACCOUNTS_PATH)).toEqual(['307 /sign-in']);
    await page.goto(ACCOUNTS_PATH);
    await expect(page).toHaveURL(new RegExp(ACCOUNTS_PATH));
    // The list of sessions shows these values of the session that `postSignIn` started.
    const { rows } = await database.execute(
      sql`select method, user_agent is not null as has_browser, address is not null as has_address from sessions
        join users on users.id = sessions.user_id where users.email = ${user.email}`,
    );
    expect(rows).toContainEqual({ method: 'password', has_browser: true, has_address: true });
  });
});
