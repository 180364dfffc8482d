import { writeFile } from 'node:fs/promises';
import { generateKey } from '#lib/api-keys/api-key.ts';
import { atScale } from '#lib/testing/scale.ts';
import { CHROMIUM, type EngineBrowser, ensureInstalled, OTHER_ENGINES } from './fixtures/engines.ts';
import {
  ACCOUNTS_PATH,
  type AccountDetails,
  createDetails,
  type KeyDeliveryMessages,
  receiveKeyDelivery,
} from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';

// One worker, so that no two tests install packages at the same time.
test.describe.configure({ mode: 'default' });

/** What every step of the journey needs. */
type Journey = {
  browser: EngineBrowser;
  webUrl: string;
  /** Expects that the page shows its beginning and does not scroll sideways. Keeps a screenshot at full size. */
  checkAppearance(name: string): Promise<void>;
};

/** Lists the elements that can be scrolled sideways, and how far the page is scrolled down. */
const SCROLLING = `[
  document.documentElement,
  ...[...document.querySelectorAll('*')].filter((element) => /auto|scroll/.test(getComputedStyle(element).overflowX)),
]
  .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
  .map(({ tagName, className }) => tagName + '.' + className)
  .concat(scrollY === 0 ? [] : 'page: ' + scrollY + ' px')`;

const buildDialogXpath = (title: string) =>
  `//*[@role="dialog" and @aria-labelledby=//h2[normalize-space()="${title}"]/@id]`;
/** Returns the XPath of a field in the element with the XPath `within`. */
const buildFieldXpath = (label: string, within = '') =>
  `${within}//input[@id=//label[normalize-space()="${label}"]/@for]`;
/** Returns the XPath of an enabled button: React enables it when it hydrates the page. */
const buildButtonXpath = (name: string, within = '') =>
  `${within}//button[normalize-space()="${name}" and not(@disabled)]`;
/** Returns the XPath of an account's row in the list, if it contains a text. */
const buildRowXpath = ({ username }: AccountDetails, text: string) =>
  `//tr[.//bdi[normalize-space()="${username}"] and contains(normalize-space(), "${text}")]`;

const NEW_ACCOUNT = buildDialogXpath('New API Account');
const RESET = buildDialogXpath('Reset API Key');
const SHEET = buildDialogXpath('Edit API Account');

async function signIn(
  { browser, webUrl }: Journey,
  { email, password }: { email: string; password: string },
): Promise<void> {
  await browser.open(`${webUrl}/sign-in`);
  await browser.readText(buildButtonXpath('Sign in'));
  await browser.type(buildFieldXpath('Email address'), email);
  await browser.type(buildFieldXpath('Password'), password);
  await browser.click(buildButtonXpath('Sign in'));
  expect(await browser.readText('//h1[normalize-space()="API Accounts"]')).toBe('API Accounts');
}

/** Creates an account on the open list. */
async function createAccount({ browser }: Journey, details: AccountDetails): Promise<void> {
  await browser.click(buildButtonXpath('New API Account'));
  await browser.type(buildFieldXpath('Username', NEW_ACCOUNT), details.username);
  await browser.type(buildFieldXpath('Email address', NEW_ACCOUNT), details.email);
  await browser.type(buildFieldXpath('Phone number', NEW_ACCOUNT), details.phone);
  await browser.click(buildButtonXpath('Create API Account', NEW_ACCOUNT));
  await browser.waitUntilGone(NEW_ACCOUNT);
  await browser.readText(buildRowXpath(details, 'Just created.'));
}

/** Searches the list for an account, and waits until its row contains a text. */
async function findAccount(
  { browser, webUrl }: Journey,
  details: AccountDetails,
  text: string,
): Promise<void> {
  await browser.open(`${webUrl}${ACCOUNTS_PATH}?search=${encodeURIComponent(details.username)}`);
  await browser.readText(buildButtonXpath('Reset API Key', buildRowXpath(details, text)));
}

/** Opens the link, enters the code, tests the key on the page, and says that it is saved. @returns the key */
async function collectKey(
  { browser, checkAppearance }: Journey,
  { username }: AccountDetails,
  { link, code }: KeyDeliveryMessages,
): Promise<string> {
  await browser.open(link);
  await browser.readText(buildButtonXpath('Show API key'));
  await checkAppearance('code page');
  // The page submits the code by itself.
  await browser.type(buildFieldXpath('Authentication code'), code);
  const key = await browser.readText('//output[starts-with(normalize-space(), "stagekey")]');
  expect(await browser.readText(`//output[normalize-space()="${username}"]`)).toBe(username);
  await checkAppearance('key page');
  await browser.click(buildButtonXpath('Test this key'));
  expect(await browser.readText('//section[@aria-label="Response"]')).toContain('HTTP 200');
  // Otherwise the browser asks before the page is left.
  await browser.click(buildButtonXpath('I’ve saved them'));
  await browser.readText('//h1[normalize-space()="The API key is hidden"]');
  return key.trim();
}

async function resetKey({ browser }: Journey, details: AccountDetails): Promise<void> {
  await browser.click(buildButtonXpath('Reset API Key', buildRowXpath(details, '')));
  expect(await browser.readText(RESET)).toContain(details.username);
  await browser.click(buildButtonXpath('Reset API Key', RESET));
  await browser.waitUntilGone(RESET);
  await browser.readText(buildRowXpath(details, 'Key not collected'));
}

/** Opens the account in its sheet over the list, ticks or unticks it as active, and saves. */
async function toggleActive(
  { browser, checkAppearance }: Journey,
  details: AccountDetails,
  newStatus: string,
): Promise<void> {
  const listUrl = await browser.evaluate<string>('location.href');
  await browser.click(`${buildRowXpath(details, '')}//a[.//bdi]`);
  // Its fields are loaded, too.
  await browser.readText(buildButtonXpath('Save', SHEET));
  expect(await browser.evaluate<string>('location.href')).toMatch(/\/api-accounts\/[0-9a-f-]{36}$/);
  await checkAppearance('account sheet');
  await browser.click(buildFieldXpath('This API account is active', SHEET));
  await browser.click(buildButtonXpath('Save', SHEET));
  await browser.waitUntilGone(SHEET);
  await browser.readText(buildRowXpath(details, newStatus));
  await expect.poll(() => browser.evaluate<string>('location.href')).toBe(listUrl);
}

for (const engine of [CHROMIUM, ...OTHER_ENGINES]) {
  test(
    `${engine.name} creates, collects, resets, deactivates and reactivates a key`,
    { tag: '@soak' },
    async ({ openPage, newUser, installation, outbox, verify }, testInfo) => {
      const skipReason = await ensureInstalled(engine);
      if (skipReason) console.log(`Skipping “${testInfo.title}”: ${skipReason}`);
      testInfo.skip(skipReason !== null, skipReason ?? '');
      const browser = await engine.start(openPage);
      const journey: Journey = {
        browser,
        webUrl: installation.webUrl,
        async checkAppearance(name) {
          if (atScale({ normal: false, soak: true }))
            await writeFile(testInfo.outputPath(`${name}.png`), await browser.takeScreenshot());
          expect(await browser.evaluate(SCROLLING), name).toEqual([]);
        },
      };
      const details = createDetails();
      const readStatus = async (key: string) => (await verify(key, details.username)).status;
      try {
        await signIn(journey, await newUser('settings_administrator'));
        await createAccount(journey, details);
        await journey.checkAppearance('list');
        expect(await readStatus(generateKey('stagekey'))).toBe(401);

        const oldKey = await collectKey(journey, details, await receiveKeyDelivery(outbox, details));
        expect(await readStatus(oldKey)).toBe(200);

        await findAccount(journey, details, 'Active');
        await resetKey(journey, details);
        expect(await readStatus(oldKey)).toBe(401);
        const key = await collectKey(journey, details, await receiveKeyDelivery(outbox, details));
        expect(await readStatus(key)).toBe(200);
        expect(await readStatus(oldKey)).toBe(401);

        await findAccount(journey, details, 'Active');
        await toggleActive(journey, details, 'Inactive');
        expect(await readStatus(key)).toBe(403);
        await toggleActive(journey, details, 'Active');
        expect(await readStatus(key)).toBe(200);
        // Neither sends a message.
        expect(outbox.listUnread(details.email)).toEqual([]);
        expect(outbox.listUnread(details.phone)).toEqual([]);
        expect(browser.pageErrors).toEqual([]);
      } finally {
        await browser.close();
      }
    },
  );
}
