import type { Page, TestInfo } from '@playwright/test';
import { acceptMessage, reportDelivery } from '#lib/testing/messages.ts';
import {
  createAccount,
  entriesIn,
  findAccount,
  openEditor,
  receive,
  resetKey,
  reveal,
} from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';
import { accountId, agoHandOver, lookAt } from './fixtures/timeline.ts';
import { countEarlier } from './fixtures/usage.ts';
import { violations } from './fixtures/violations.ts';

/** Takes a screenshot for the report; axe finds nothing, and nothing stands out sideways. */
async function look(page: Page, testInfo: TestInfo, name: string): Promise<void> {
  const path = testInfo.outputPath(`${name}.png`);
  await page.screenshot({ path, caret: 'initial' });
  await testInfo.attach(name, { path, contentType: 'image/png' });
  expect(await violations(page), name).toEqual([]);
  const sideways = await page.evaluate(() =>
    [document.documentElement, ...document.querySelectorAll('[role="dialog"], [role="dialog"] section')]
      .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
      .map(({ tagName }) => tagName),
  );
  expect(sideways, name).toEqual([]);
}

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [360, 1440]) {
    test.describe(`the hand-over, ${colorScheme}, ${width} px`, () => {
      test.use({
        contextOptions: { colorScheme, reducedMotion: 'reduce', viewport: { width, height: 900 } },
      });

      test('is accessible under way', async ({ administrator: page, outbox, database }, testInfo) => {
        const details = await createAccount(page);
        await receive(outbox, details);
        const id = await accountId(database, details);
        await expect.poll(() => lookAt(database, id)).toEqual(['sent', 'sent']);
        const box = await openEditor(page, details);
        await expect(entriesIn(box)).toHaveCount(5);
        await entriesIn(box).last().scrollIntoViewIfNeeded();
        await look(page, testInfo, 'under-way');
      });

      test('is accessible with a problem, in the list and in the editor', async ({
        administrator: page,
        outbox,
        database,
      }, testInfo) => {
        const details = await createAccount(page);
        await receive(outbox, details);
        const id = await accountId(database, details);
        await expect.poll(() => lookAt(database, id)).toEqual(['sent', 'sent']);
        const messageId = await acceptMessage(database, id, 'email', 'resend');
        await reportDelivery(database, messageId, 'bounced', { reason: 'There is no such mailbox.' });
        await agoHandOver(database, details, '2 minutes');
        const row = await findAccount(page, details.username);
        await expect(row).toContainText('The email came back');
        await look(page, testInfo, 'list');
        await row.getByRole('button', { name: 'See and send again' }).click();
        const box = page.getByRole('dialog');
        await expect(box.getByRole('button', { name: 'Send both again' })).toBeInViewport();
        await look(page, testInfo, 'problem');
      });

      test('is accessible when the key was shown, with an earlier one', async ({
        administrator: page,
        openPage,
        outbox,
        database,
      }, testInfo) => {
        const details = await createAccount(page);
        await receive(outbox, details);
        await resetKey(page, details);
        await reveal(await openPage(), await receive(outbox, details));
        await countEarlier(database, details.username, [{ hoursAgo: 0, allowed: 1 }]);
        const box = await openEditor(page, details);
        await box.getByRole('tab', { name: 'Hand-over' }).click();
        await expect(entriesIn(box).last()).toContainText('used for the first time');
        await box.getByText(/, replaced$/).click();
        await entriesIn(box).last().scrollIntoViewIfNeeded();
        await look(page, testInfo, 'shown');
      });
    });
  }
}
