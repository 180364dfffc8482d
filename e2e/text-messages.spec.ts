import type { Page } from '@playwright/test';
import { sql } from 'drizzle-orm';
import { setTextRules, setTextsUsed } from '#lib/testing/texts.ts';
import { expect, test } from './fixtures/own-stagedoor.ts';
import {
  createAccount,
  fillNewAccount,
  LIST,
  receive,
  someDanishDetails,
  someDetails,
  TEXT_MESSAGES,
} from './fixtures/pages.ts';
import { violations } from './fixtures/violations.ts';

test.describe.configure({ mode: 'default' });

const PER_DAY = 'Texts a day, for all accounts together';
const PER_ACCOUNT = 'Texts a day, for each account';
const save = { name: 'Save', exact: true };

/** Opens the page, and resolves when it is alive: what is typed before that would be mixed with what was there. */
async function openRules(page: Page): Promise<void> {
  await page.goto(TEXT_MESSAGES);
  await expect(page.getByRole('button', save)).toBeEnabled();
}

test.beforeEach(({ database }) =>
  database.execute(sql`truncate text_rules, text_counts`).then(() => undefined),
);

test('the page has its defaults, and what is saved holds at once and stays', async ({
  administrator: page,
  outbox,
}) => {
  await page.goto(LIST);
  await page
    .getByRole('navigation', { name: 'Settings' })
    .getByRole('link', { name: 'Text messages' })
    .click();
  await expect(page.getByRole('heading', { name: 'Text messages', level: 1 })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Text messages' })).toHaveAttribute('aria-current', 'page');
  await expect(page.getByLabel(PER_DAY)).toHaveValue('200');
  await expect(page.getByLabel(PER_ACCOUNT)).toHaveValue('20');
  await expect(page.getByRole('meter', { name: 'Today’s texts' })).toHaveAccessibleName('Today’s texts');
  await expect(page.getByText('0 of today’s 200 texts are used.')).toBeVisible();
  const own = page.getByRole('checkbox', { name: 'United Kingdom +44' });
  await expect(own).toBeChecked();
  await expect(own).toBeDisabled();
  await expect(page.getByRole('checkbox').nth(1)).not.toBeChecked();

  // By the keyboard alone, and Enter in the search saves nothing.
  await page.getByLabel('Search countries').focus();
  await page.keyboard.type('denm');
  await expect(page.getByText('1 country found.')).toBeVisible();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Space');
  await expect(page.getByRole('checkbox', { name: 'Denmark +45' })).toBeChecked();
  await page.getByLabel(PER_DAY).fill('1,000');
  await page.keyboard.press('Enter');
  await expect(page.getByText('The rules for texts were saved')).toBeVisible();
  await expect(page.getByText('At most 1,000 texts a day, 20 for each account.')).toBeVisible();

  await page.reload();
  await expect(page.getByLabel(PER_DAY)).toHaveValue('1000');
  await expect(page.getByRole('checkbox').nth(1)).toHaveAccessibleName('Denmark +45');
  await expect(page.getByRole('checkbox').nth(1)).toBeChecked();
  await receive(outbox, await createAccount(page, someDanishDetails()));
});

test('a ceiling that is none is told at its field, and nothing typed is lost', async ({
  administrator: page,
}) => {
  await openRules(page);
  await page.getByRole('checkbox', { name: 'Albania' }).check();
  await page.getByLabel(PER_DAY).fill('100001');
  await page.getByLabel(PER_ACCOUNT).fill('5');
  await page.getByRole('button', save).click();
  await expect(page.locator('form').getByRole('alert')).toHaveText(
    'Enter a whole number from 0 to 100,000. With 0, no text is sent.',
  );
  await expect(page.getByLabel(PER_DAY)).toBeFocused();
  await expect(page.getByLabel(PER_DAY)).toHaveValue('100001');
  await expect(page.getByLabel(PER_ACCOUNT)).toHaveValue('5');
  await expect(page.getByRole('checkbox', { name: 'Albania' })).toBeChecked();
});

test('two who save at once do not overwrite each other', async ({
  administrator: first,
  openPage,
  administratorCookies,
}) => {
  const second = await openPage(administratorCookies);
  await openRules(first);
  await openRules(second);
  await first.getByLabel(PER_DAY).fill('500');
  await first.getByRole('checkbox', { name: 'Norway' }).check();
  await first.getByRole('button', save).click();
  await expect(first.getByText('The rules for texts were saved')).toBeVisible();
  await second.getByLabel(PER_DAY).fill('50');
  await second.getByRole('checkbox', { name: 'Denmark' }).check();
  await second.getByRole('button', save).click();
  const notice = second.getByRole('alert').filter({ hasText: 'changed these rules after you opened them' });
  await expect(notice).toContainText('Saved now: 500');
  await expect(notice).toContainText('In this form: 50');
  await expect(notice).toContainText('Saved now: Norway ticked');
  await expect(notice).toContainText('In this form: Denmark ticked');
  await expect(second.getByLabel(PER_DAY)).toHaveValue('50');
  await expect(second.getByRole('checkbox', { name: 'Norway' })).toBeChecked();
  await second.getByRole('button', save).click();
  await expect(second.getByText('Besides your own country: Denmark, Norway.')).toBeVisible();
  await expect(notice).toHaveCount(0);
});

test('from 80 % on, administrators are warned above their list, and viewers are not', async ({
  administrator: page,
  viewer,
  database,
}) => {
  await setTextsUsed(database, 159);
  await page.goto(LIST);
  await expect(page.getByRole('heading', { name: 'API Accounts' })).toBeVisible();
  await expect(page.getByText('of today’s 200 texts')).toHaveCount(0);
  await setTextsUsed(database, 160);
  await page.reload();
  await expect(page.getByText('160 of today’s 200 texts are used')).toBeVisible();
  await expect(page.getByText('40 are left until midnight UTC')).toBeVisible();
  await page.getByRole('link', { name: 'Settings › Text messages' }).click();
  await expect(page.getByRole('meter')).toHaveAttribute('aria-valuenow', '160');
  await viewer.goto(LIST);
  await expect(viewer.getByRole('heading', { name: 'API Accounts' })).toBeVisible();
  await expect(viewer.getByText('of today’s 200 texts')).toHaveCount(0);
  await expect(viewer.getByRole('link', { name: 'Text messages' })).toHaveCount(0);
  await viewer.goto(TEXT_MESSAGES);
  await expect(viewer.getByText('you need the role Settings Administrator')).toBeVisible();
  await expect(viewer.getByRole('button', save)).toHaveCount(0);
});

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [360, 1440]) {
    test.describe(`at ${width} px in ${colorScheme} colours`, () => {
      test.use({
        contextOptions: { colorScheme, viewport: { width, height: 800 }, reducedMotion: 'reduce' },
      });

      test('nothing stands out, and axe finds nothing, in any state', async ({
        administrator: page,
        database,
      }) => {
        // Ten looks by axe, most of them at a list of 245 countries.
        test.setTimeout(180_000);
        const judge = async (state: string) => {
          expect(await violations(page), state).toEqual([]);
          const [needed = 0, given = 0] = await page.evaluate(() => {
            const { scrollWidth, clientWidth } = document.documentElement;
            return [scrollWidth, clientWidth];
          });
          expect(needed, state).toBeLessThanOrEqual(given);
        };
        const details = someDetails('A company with quite a long name');
        await setTextRules(database, { countries: ['DK', 'NO'], perDay: 200 });
        await setTextsUsed(database, 160);
        for (const path of [LIST, TEXT_MESSAGES]) {
          await page.goto(path);
          await judge(`${path}, near`);
        }
        await setTextsUsed(database, 200);
        await createAccount(page, details);
        await expect(page.getByText('but no text was sent').first()).toBeVisible();
        await judge('the toast');
        await page.goto(`${LIST}?search=${encodeURIComponent(details.username)}`);
        await judge('the list, reached');
        await openRules(page);
        await setTextRules(database, { countries: ['SE'], perDay: 300 });
        await database.execute(sql`update text_rules set version = version + 1`);
        await page.getByLabel(PER_DAY).fill('100');
        await expect(page.getByText('once you save this, no more go out')).toBeVisible();
        await judge('a consequence');
        await page.getByRole('button', save).click();
        await expect(page.getByText('changed these rules after you opened them')).toBeVisible();
        await judge('a conflict');
        await page.goto(LIST);
        const box = await fillNewAccount(page, someDanishDetails());
        await box.getByRole('button', { name: 'Create API Account' }).click();
        await expect(box.getByRole('alert')).toBeVisible();
        await judge('the field');
      });
    });
  }
}
