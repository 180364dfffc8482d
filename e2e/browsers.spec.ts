import { type EngineBrowser, ensureInstalled, OTHER_ENGINES, wrapChromium } from './fixtures/engines.ts';
import { expect, test } from './fixtures/test.ts';

// One worker, so that no two tests install packages at the same time.
test.describe.configure({ mode: 'default', timeout: 120_000 });

/** Returns the XPath of a field. */
const buildFieldXpath = (label: string) => `//input[@id=//label[normalize-space()="${label}"]/@for]`;
/** Returns the XPath of an enabled button: React enables it when it hydrates the page. */
const buildButtonXpath = (name: string) => `//button[normalize-space()="${name}" and not(@disabled)]`;

/** Does what the administrator does in “Your first key” of the README: open the page, sign in, see the accounts. */
async function signIn(
  browser: EngineBrowser,
  webUrl: string,
  { email, password }: { email: string; password: string },
): Promise<void> {
  await browser.open(`${webUrl}/sign-in`);
  await browser.readText(buildButtonXpath('Sign in'));
  await browser.type(buildFieldXpath('Email address'), email);
  await browser.type(buildFieldXpath('Password'), password);
  await browser.click(buildButtonXpath('Sign in'));
  expect(await browser.readText('//h1[normalize-space()="API Accounts"]')).toBe('API Accounts');
}

/** Does what the integrator does in “Your first key” of the README: open the link, enter the code, read the key. */
async function collectKey(
  browser: EngineBrowser,
  { link, code }: { link: string; code: string },
): Promise<string> {
  await browser.open(link);
  await browser.readText(buildButtonXpath('Show API key'));
  // The page submits the code by itself.
  await browser.type(buildFieldXpath('Authentication code'), code);
  return (await browser.readText('//output[starts-with(normalize-space(), "stagekey")]')).trim();
}

test.describe('browser engine', () => {
  test('Chromium signs in and shows a key', async ({
    apiAccount,
    openPage,
    newUser,
    installation,
    verify,
  }) => {
    const { link, code, username } = await apiAccount();
    const browser = wrapChromium(await openPage());
    await signIn(browser, installation.webUrl, await newUser('settings_administrator'));
    const key = await collectKey(browser, { link, code });
    expect((await verify(key, username)).status).toBe(200);
  });

  for (const engine of OTHER_ENGINES) {
    test(
      `${engine.name} signs in and shows a key`,
      { tag: '@soak' },
      async ({ apiAccount, newUser, installation, verify }, testInfo) => {
        const skipReason = await ensureInstalled(engine);
        testInfo.skip(skipReason !== null, skipReason ?? '');
        const { link, code, username } = await apiAccount();
        const user = await newUser('settings_administrator');
        const browser = await engine.start();
        try {
          await signIn(browser, installation.webUrl, user);
          const key = await collectKey(browser, { link, code });
          expect((await verify(key, username)).status).toBe(200);
        } finally {
          await browser.close();
        }
      },
    );
  }
});
