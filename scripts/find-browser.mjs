import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { chromium } from '@playwright/test';
import { installDebianPackages } from './debian-packages.mjs';

/**
 * @typedef {{ executablePath: string | undefined, description: string }} Browser
 *   `executablePath` is undefined for Playwright's own
 */

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];
const ELSEWHERE = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/snap/bin/chromium',
];
/** Some 100 MB; where the download is blocked it may hang, and there is another way. */
const DOWNLOAD_MS = 120_000;
const PACKAGES_MS = 240_000;

/** What is on the machine: the paths of Chromium and its like. */
function installedPaths() {
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter(Boolean);
  const candidates = NAMES.flatMap((name) => folders.map((folder) => path.join(folder, name)));
  return [...candidates, ...ELSEWHERE].filter((candidate) => {
    try {
      accessSync(candidate, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * Whether the browser really starts: one may be there and lack a library.
 * @param {string} [executablePath] Playwright's own where missing
 */
async function starts(executablePath) {
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

/**
 * Runs a command, showing what it says.
 * @param {string} command
 * @param {string[]} args
 * @param {number} timeout milliseconds, after which it is killed
 * @returns {Promise<boolean>} whether it succeeded
 */
function run(command, args, timeout) {
  return new Promise((resolve) => {
    const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const child = spawn(command, args, {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: environment,
      timeout,
    });
    child.on('error', () => resolve(false));
    child.on('close', (code) => resolve(code === 0));
  });
}

/** @returns {Promise<Browser | undefined>} */
async function onTheMachine() {
  for (const executablePath of installedPaths()) {
    if (await starts(executablePath))
      return { executablePath, description: `the browser at ${executablePath}` };
  }
  return undefined;
}

/** @param {(line: string) => void} say */
async function download(say) {
  say("downloading Playwright's Chromium");
  const cli = path.join(import.meta.dirname, '..', 'node_modules', '@playwright', 'test', 'cli.js');
  if (!(await run(process.execPath, [cli, 'install', '--only-shell', 'chromium'], DOWNLOAD_MS))) return false;
  if (await starts()) return true;
  // It came, and does not start: as root, the libraries that it lacks can be had.
  return (
    process.getuid?.() === 0 &&
    (await run(process.execPath, [cli, 'install-deps', 'chromium'], PACKAGES_MS)) &&
    starts()
  );
}

/** @param {(line: string) => void} say */
async function installPackage(say) {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  say("installing chromium with the system's package manager");
  return installDebianPackages(['chromium']).then(
    () => true,
    (error) => {
      say(error.message);
      return false;
    },
  );
}

/**
 * A browser that starts: Playwright's own, else one on the machine, else a newly installed one.
 * @param {(line: string) => void} say told of anything that takes long
 * @returns {Promise<Browser>}
 * @throws where there is none and none can be installed
 */
export async function findBrowser(say) {
  const own = { executablePath: undefined, description: "Playwright's own Chromium" };
  if (await starts()) return own;
  const present = await onTheMachine();
  if (present) return present;
  if (await download(say)) return own;
  if (await installPackage(say)) {
    const installed = await onTheMachine();
    if (installed) return installed;
  }
  throw new Error(
    'There is no Chromium on this machine and none could be installed: install one, then run npm test again.',
  );
}
