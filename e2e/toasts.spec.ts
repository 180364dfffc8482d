import { createAccount, createDetails } from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';
import { listCoveredButtons } from './fixtures/toasts.ts';

test.describe('toasts', { tag: '@soak' }, () => {
  for (const [width, height] of [
    [320, 800],
    [360, 800],
    [1024, 800],
    [1280, 640],
    [1440, 900],
    [1440, 1100],
  ] as const)
    test(`cover no button at the end of a page of ${width} × ${height} px`, async ({
      administrator: page,
    }) => {
      await page.setViewportSize({ width, height });
      const { username } = await createAccount(page, createDetails('A company with quite a long name'));
      await expect(page.getByText(`${username} created`)).toBeVisible();
      // Repeated, because the list that shows the new account scrolls to the top.
      await expect(async () => {
        await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
        expect(await listCoveredButtons(page)).toEqual([]);
      }).toPass({ timeout: 4_000 });
    });

  test('replace an earlier one about the same account, and disappear after about five seconds', async ({
    administrator: page,
  }) => {
    const details = await createAccount(page);
    const toasts = page.getByRole('region', { name: 'Notifications' }).getByRole('group');
    await expect(toasts).toContainText([`${details.username} created`]);
    const row = page.getByRole('row').filter({ hasText: details.username }).first();
    await row.getByRole('button', { name: 'Reset API Key' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Reset API Key' }).click();
    await expect(toasts).toHaveCount(1);
    await expect(toasts).toContainText([`API key reset for ${details.username}`]);
    await expect(toasts).toHaveCount(0, { timeout: 7_000 });
  });
});
