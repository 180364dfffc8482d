import { chromium } from '@playwright/test';
import { execa } from 'execa';
import { findProgram, installInCi } from './machine-programs.ts';

/** `executablePath` is undefined for Playwright's own browser. */
export type Browser = { executablePath: string | undefined; description: string };

/** Uses a quarter of the CPU time of a full browser. */
const HEADLESS_SHELL = 'chromium-headless-shell';
const BROWSER_NAMES = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'microsoft-edge',
];
const BROWSER_PATHS = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/snap/bin/chromium',
];
/** Enough for about 100 MB. Without a timeout, a blocked download could hang. */
const DOWNLOAD_TIMEOUT_MS = 120_000;
const PLAYWRIGHT_BROWSER: Browser = { executablePath: undefined, description: "Playwright's own Chromium" };

/** Starts the browser and returns whether that works: a library may be missing. */
async function canStart({ executablePath }: Browser): Promise<boolean> {
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

async function findStartable(paths: (string | undefined)[]): Promise<Browser | undefined> {
  for (const executablePath of paths) {
    const browser = { executablePath, description: `the browser at ${executablePath}` };
    if (executablePath && (await canStart(browser))) return browser;
  }
  return undefined;
}

const findHeadlessShell = () => findStartable([findProgram(HEADLESS_SHELL)]);

async function findFullBrowser(): Promise<Browser | undefined> {
  const browser = await findStartable([...BROWSER_NAMES.map(findProgram), ...BROWSER_PATHS]);
  const hint = `a full browser uses four times as much CPU time as ${HEADLESS_SHELL}`;
  return browser && { ...browser, description: `${browser.description} (${hint})` };
}

async function downloadBrowser(): Promise<Browser | undefined> {
  console.log("Downloading Playwright's Chromium …");
  const cli = 'node_modules/@playwright/test/cli.js';
  const { failed } = await execa(process.execPath, [cli, 'install', '--only-shell', 'chromium'], {
    reject: false,
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: DOWNLOAD_TIMEOUT_MS,
  });
  return !failed && (await canStart(PLAYWRIGHT_BROWSER)) ? PLAYWRIGHT_BROWSER : undefined;
}

/**
 * Finds a Chromium that starts. Prefers Playwright's own, then an installed headless shell (CI installs one), then a full
 * browser on this machine, then a download.
 * @throws an Error with advice if there is none
 */
export async function findBrowser(): Promise<Browser> {
  if (await canStart(PLAYWRIGHT_BROWSER)) return PLAYWRIGHT_BROWSER;
  const installed = await findHeadlessShell();
  if (installed) return installed;
  const advice = await installInCi([HEADLESS_SHELL]).then(
    () => `repair ${HEADLESS_SHELL}, which is installed but doesn't start`,
    (error: Error) => error.message,
  );
  const found = (await findHeadlessShell()) ?? (await findFullBrowser()) ?? (await downloadBrowser());
  if (found) return found;
  throw new Error(
    `No working Chromium was found. Run "npx playwright install --with-deps chromium", or ${advice}.`,
  );
}
