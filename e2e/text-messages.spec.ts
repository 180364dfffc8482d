import { sql } from 'drizzle-orm';
import { DEFAULT_PER_ACCOUNT_PER_DAY } from '#lib/notifications/sms/limits.ts';
import { setQueuedSmsCount } from '#lib/testing/sms.ts';
import { enterCode, TEXT_MESSAGES_PATH } from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';

const PER_DAY = 'Daily limit, all accounts';
const PER_ACCOUNT = 'Daily limit per account';
const SAVE_BUTTON = { name: 'Save', exact: true };

// These tests leave the policy as it is. Those that change it are in text-message-limits.spec.ts.
test.describe('text messages page', () => {
  test('shows a field error for an invalid limit, and keeps the input', { tag: '@soak' }, async ({
    administrator: page,
  }) => {
    await page.goto(TEXT_MESSAGES_PATH);
    // Input before React has hydrated the page would be mixed with the defaults.
    await expect(page.getByRole('button', SAVE_BUTTON)).toBeEnabled();
    await page.getByRole('checkbox', { name: 'Albania' }).check();
    await page.getByLabel(PER_DAY).fill('100001');
    await page.getByLabel(PER_ACCOUNT).fill('5');
    await page.getByRole('button', SAVE_BUTTON).click();
    await expect(page.locator('form').getByRole('alert')).toHaveText(
      'Enter a whole number from 0 to 100,000. 0 turns texts off.',
    );
    await expect(page.getByLabel(PER_DAY)).toBeFocused();
    await expect(page.getByLabel(PER_DAY)).toHaveValue('100001');
    await expect(page.getByLabel(PER_ACCOUNT)).toHaveValue('5');
    await expect(page.getByRole('checkbox', { name: 'Albania' })).toBeChecked();
  });

  test('shows the integrator one message if the code has expired and the limit is reached', async ({
    openPage,
    apiAccount,
    database,
    outbox,
  }) => {
    const { id, link, code, email, phone } = await apiAccount();
    // When the worker sends the text, the code's ten minutes begin again.
    await outbox.waitForSms(phone);
    await database.execute(
      sql`update reveals set code_expires_at = now(), code_issued_at = now() - interval '10 minutes'
        where email = ${email}`,
    );
    await setQueuedSmsCount(database, DEFAULT_PER_ACCOUNT_PER_DAY, id);
    const page = await openPage();
    await page.goto(link);
    const message = page.getByText('This code has expired. We can text you a new one from 05:45 GMT+5:45 on');
    await expect(message).toHaveCount(1);
    await expect(page.getByRole('button', { name: 'Text me a new code' })).toBeDisabled();
    await enterCode(page, code);
    await expect(page.getByLabel('Authentication code')).toHaveAttribute('aria-invalid', 'true');
    await expect(message).toHaveCount(1);
    await expect(page.getByRole('alert').filter({ hasText: /code/ })).toHaveCount(1);
  });
});
