import { eq } from 'drizzle-orm';
import { users } from '#db/schema/users.ts';
import { getDialog } from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';

test.describe('users page', () => {
  test('shows an expired invitation, and sends it again', { tag: '@soak' }, async ({
    administrator: page,
    newUser,
    database,
  }) => {
    const { email } = await newUser('settings_viewer');
    // A user who has no password, session or invitation is shown as one whose invitation has expired.
    await database.update(users).set({ passwordHash: null }).where(eq(users.email, email));
    await page.goto('/settings/users');
    const row = page.getByRole('row').filter({ hasText: email });
    await expect(row).toContainText('Invitation expired');
    await row.getByRole('button').click();
    const editor = getDialog(page, 'Edit user');
    await expect(editor.getByText('The invitation has expired. Resend it.')).toBeVisible();
    await editor.getByRole('button', { name: 'Resend invitation' }).click();
    await expect(editor.getByText('The invitation has expired')).toHaveCount(0);
    await page.keyboard.press('Escape');
    await expect(row).toContainText('Invited');
  });
});
