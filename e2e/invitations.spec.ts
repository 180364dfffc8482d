import { eq } from 'drizzle-orm';
import { users } from '#db/schema/users.ts';
import { dialog } from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';

test.describe('users page', () => {
  test('shows an expired invitation, and sends it again', async ({
    administrator: page,
    newUser,
    database,
  }) => {
    const { email } = await newUser('settings_viewer');
    await database.update(users).set({ passwordHash: null }).where(eq(users.email, email));
    await page.goto('/settings/users');
    const row = page.getByRole('row').filter({ hasText: email });
    await expect(row).toContainText('Invitation over');
    await row.getByRole('button').click();
    const editor = dialog(page, 'Edit user');
    await expect(editor.getByText('does not work any more. Send it again.')).toBeVisible();
    await editor.getByRole('button', { name: 'Send the invitation again' }).click();
    await expect(editor.getByText('does not work any more')).toHaveCount(0);
    await page.keyboard.press('Escape');
    await expect(row).toContainText('Invited');
  });
});
