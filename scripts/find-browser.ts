import { chromium } from '@playwright/test';
import { execa } from 'execa';
import { findProgram, installInCi } from './machine-programs.ts';

/** `executablePath` is undefined for Playwright's own. */
export type Browser = { executablePath: string | undefined; description: string };

/** The build without windows takes a quarter of the CPU time of a full browser, and so do the tests. */
const HEADLESS_SHELL = 'chromium-headless-shell';
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];
const ELSEWHERE = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/snap/bin/chromium',
];
/** The download has some 100 MB; a blocked one may hang. */
const DOWNLOAD_TIMEOUT = 120_000;
const PLAYWRIGHTS_OWN: Browser = { executablePath: undefined, description: "Playwright's own Chromium" };

/** Tells whether the browser really starts: a library may be missing. */
async function starts({ executablePath }: Browser): Promise<boolean> {
  try {
    const browser = await chromium.launch({
      ...(executablePath ? { executablePath } : {}),
      // Chromium's sandbox does not work for root.
      chromiumSandbox: false,
      timeout: 30_000,
    });
    await browser.close();
    return true;
  } catch {
    return false;
  }
}

async function firstThatStarts(paths: (string | undefined)[]): Promise<Browser | undefined> {
  for (const executablePath of paths) {
    const browser = { executablePath, description: `the browser at ${executablePath}` };
    if (executablePath && (await starts(browser))) return browser;
  }
  return undefined;
}

const findHeadlessShell = () => firstThatStarts([findProgram(HEADLESS_SHELL)]);

async function findFullBrowser(): Promise<Browser | undefined> {
  const browser = await firstThatStarts([...NAMES.map(findProgram), ...ELSEWHERE]);
  const hint = `a full browser takes four times the CPU time of ${HEADLESS_SHELL}`;
  return browser && { ...browser, description: `${browser.description} (${hint})` };
}

async function download(): Promise<Browser | undefined> {
  console.log("Downloading Playwright's Chromium");
  const cli = 'node_modules/@playwright/test/cli.js';
  const { failed } = await execa(process.execPath, [cli, 'install', '--only-shell', 'chromium'], {
    reject: false,
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: DOWNLOAD_TIMEOUT,
  });
  return !failed && (await starts(PLAYWRIGHTS_OWN)) ? PLAYWRIGHTS_OWN : undefined;
}

/**
 * Finds a Chromium that starts: Playwright's own or another headless shell, which CI installs, else a full one on the
 * machine, else a downloaded one.
 * @throws with what to do, if there is none
 */
export async function findBrowser(): Promise<Browser> {
  if (await starts(PLAYWRIGHTS_OWN)) return PLAYWRIGHTS_OWN;
  const present = await findHeadlessShell();
  if (present) return present;
  const advice = await installInCi([HEADLESS_SHELL]).then(
    () => `the installed ${HEADLESS_SHELL} does not start`,
    (error: Error) => error.message,
  );
  const found = (await findHeadlessShell()) ?? (await findFullBrowser()) ?? (await download());
  if (found) return found;
  throw new Error(
    `There is no Chromium that starts. To get one, run "npx playwright install --with-deps chromium", or ${advice}.`,
  );
}
