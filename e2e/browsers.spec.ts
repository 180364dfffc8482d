import { chromiumBrowser, type EngineBrowser, OTHER_ENGINES, whyMissing } from './fixtures/engines.ts';
import { expect, test } from './fixtures/test.ts';

// In one worker, so that two of them do not install packages at once.
test.describe.configure({ mode: 'default', timeout: 120_000 });

const field = (label: string) => `//input[@id=//label[normalize-space()="${label}"]/@for]`;
/** Enabled, so that React has taken the page over. */
const button = (name: string) => `//button[normalize-space()="${name}" and not(@disabled)]`;

type CurrentUser = { email: string; password: string };

/** README's first steps for the administrator: open the page, sign in, see the accounts. */
async function signIn(
  browser: EngineBrowser,
  webUrl: string,
  { email, password }: CurrentUser,
): Promise<void> {
  await browser.open(`${webUrl}/sign-in`);
  await browser.textOf(button('Sign in'));
  await browser.type(field('Email address'), email);
  await browser.type(field('Password'), password);
  await browser.click(button('Sign in'));
  expect(await browser.textOf('//h1[normalize-space()="API Accounts"]')).toBe('API Accounts');
}

/** README's first steps for the integrator: follow the link, enter the code, read the key. */
async function revealKey(
  browser: EngineBrowser,
  { link, code }: { link: string; code: string },
): Promise<string> {
  await browser.open(link);
  await browser.textOf(button('Show API key'));
  await browser.type(field('Authentication code'), code);
  await browser.click(button('Show API key'));
  return (await browser.textOf('//output[starts-with(normalize-space(), "stagekey")]')).trim();
}

test('Chromium signs in and shows a key', async ({
  apiAccount,
  openPage,
  newUser,
  where,

  verify,
}) => {
  const { link, code, username } = await apiAccount();
  const browser = chromiumBrowser(await openPage());
  await signIn(browser, where.webUrl, await newUser('settings_administrator'));
  const key = await revealKey(browser, { link, code });
  expect((await verify(key, username)).status).toBe(200);
});

for (const engine of OTHER_ENGINES) {
  test(`${engine.name} signs in and shows a key`, async ({
    apiAccount,
    newUser,
    where,
    verify,
  }, testInfo) => {
    const missing = await whyMissing(engine);
    testInfo.skip(missing !== null, missing ?? '');
    const { link, code, username } = await apiAccount();
    const person = await newUser('settings_administrator');
    const browser = await engine.start();
    try {
      await signIn(browser, where.webUrl, person);
      const key = await revealKey(browser, { link, code });
      expect((await verify(key, username)).status).toBe(200);
    } finally {
      await browser.close();
    }
  });
}
