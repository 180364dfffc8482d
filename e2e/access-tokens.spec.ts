import { randomInt } from 'node:crypto';
import { createTestAccessToken } from '#lib/testing/access-tokens.ts';
import { ACCESS_TOKENS_PATH, getDialog } from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';

/** Returns a name that no other test uses. */
const createName = () => `E2E ${randomInt(2 ** 40).toString(36)}`;

test.describe('access tokens page', () => {
  test('shows a new token once, until the administrator leaves the page, and revokes it', async ({
    administrator: page,
  }) => {
    const name = createName();
    await page.goto(ACCESS_TOKENS_PATH);
    await page.getByRole('button', { name: 'New access token' }).click();
    const creating = getDialog(page, 'New access token');
    await creating.getByLabel('Name').fill(name);
    await expect(creating.getByLabel('Expires after (days)')).toHaveValue('90');
    await page.keyboard.press('Enter');
    await expect(creating.getByRole('alert')).toHaveText('Choose what the token can do.');
    await creating.getByLabel('View API accounts').check();
    await creating.getByRole('button', { name: 'Create access token' }).click();
    const shown = getDialog(page, 'Your new access token');
    const token = (await shown.getByRole('status', { name: 'Access token' }).textContent()) ?? '';
    expect(token).toMatch(/^stagetok[0-9A-Za-z]{56}$/);
    await expect(shown.getByRole('status', { name: 'Access token' })).toHaveAttribute('translate', 'no');
    // Neither Escape nor the first Close hides a token that was not copied.
    await page.keyboard.press('Escape');
    await shown.getByRole('button', { name: 'Close' }).click();
    await expect(shown.getByRole('alert')).toContainText('You haven’t copied the access token');
    const left = await page.evaluate(() => {
      dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
      return document.documentElement.outerHTML;
    });
    expect(left).not.toContain(token);
    await expect(shown).toBeHidden();

    const row = page.getByRole('row').filter({ hasText: name });
    await expect(row).toContainText('by First administrator');
    await expect(row).toContainText('Never');
    await row.getByRole('button', { name: 'Revoke…' }).click();
    await getDialog(page, 'Revoke access token').getByRole('button', { name: 'Revoke access token' }).click();
    await expect(page.getByRole('button', { name: 'New access token' })).toBeFocused();
    const ended = page.getByRole('table', { name: 'Revoked and expired tokens' });
    await expect(ended.getByRole('row').filter({ hasText: name })).toContainText('Revoked');
  });

  test('lets a viewer see the tokens, and change none', { tag: '@soak' }, async ({
    signedInAs,
    database,
    actor,
  }) => {
    const { name } = await createTestAccessToken(database, ['audit:read'], {
      name: createName(),
      administrator: actor,
    });
    const page = await signedInAs('settings_viewer');
    await page.goto(ACCESS_TOKENS_PATH);
    await expect(page.getByRole('row').filter({ hasText: name })).toContainText('View the audit log');
    await expect(page.getByRole('button', { name: /access token|Revoke/ })).toHaveCount(0);
  });
});
