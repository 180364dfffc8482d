import type { Page, TestInfo } from '@playwright/test';
import {
  changeAddress,
  createAccount,
  dialog,
  findAccount,
  LIST,
  noticeLink,
  openEditor,
  receive,
  reveal,
  TEXT_MESSAGES,
} from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';

/** Takes a screenshot for the report, and checks that nothing stands out sideways. */
async function whole(page: Page, testInfo: TestInfo, name: string): Promise<void> {
  await testInfo.attach(name, {
    body: await page.screenshot({ caret: 'initial' }),
    contentType: 'image/png',
  });
  const [needed = 0, given = 0] = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return [scrollWidth, clientWidth];
  });
  expect(needed, `${name} is wider than the window`).toBeLessThanOrEqual(given);
}

for (const width of [360, 1440]) {
  test.describe(`at ${width} px`, () => {
    test.use({ contextOptions: { viewport: { width, height: 800 }, reducedMotion: 'reduce' } });

    test('nothing is cut off or stands out', async ({ administrator, openPage, outbox }, testInfo) => {
      const page = await openPage();
      await page.goto('/sign-in');
      await whole(page, testInfo, 'sign-in');
      const details = await createAccount(administrator);
      await administrator.goto(LIST);
      await whole(administrator, testInfo, 'list');
      await administrator.getByRole('button', { name: 'New API Account' }).first().click();
      await expect(dialog(administrator, 'New API Account')).toBeVisible();
      await whole(administrator, testInfo, 'new');
      await openEditor(administrator, details);
      await whole(administrator, testInfo, 'edit');
      const row = await findAccount(administrator, details.username);
      await row.getByRole('button', { name: 'Reset API Key' }).click();
      await whole(administrator, testInfo, 'reset');
      await administrator.goto(TEXT_MESSAGES);
      await expect(administrator.getByRole('button', { name: 'Save' })).toBeEnabled();
      await whole(administrator, testInfo, 'text-messages');
      const handover = await receive(outbox, details);
      await page.goto(handover.link);
      await expect(page.getByLabel('Authentication code')).toBeVisible();
      await whole(page, testInfo, 'reveal');
      await page.goto('about:blank');
      await reveal(page, handover);
      await whole(page, testInfo, 'key');
      await administrator.goto('/outbox');
      await whole(administrator, testInfo, 'outbox');
    });

    test('nothing of “This was not us” is cut off or stands out', async ({
      administrator,
      openPage,
      outbox,
    }, testInfo) => {
      const before = await createAccount(administrator);
      const details = await changeAddress(administrator, before, { email: `new-${before.email}` });
      const page = await openPage();
      await page.goto(await noticeLink(outbox, before));
      const button = page.getByRole('button', { name: 'This was not us' });
      await expect(button).toBeEnabled();
      await whole(page, testInfo, 'not-us');
      await button.click();
      await expect(page.getByText(/have been told/)).toBeVisible();
      await whole(page, testInfo, 'told');
      await findAccount(administrator, details.username);
      await whole(administrator, testInfo, 'objection-list');
      await expect(await openEditor(administrator, details)).toContainText('not us');
      await whole(administrator, testInfo, 'objection-editor');
    });
  });
}
