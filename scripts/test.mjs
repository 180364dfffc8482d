import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runUnderNewerNode } from './node-version.mjs';
import { countChecks, countPlaywright, countVitest } from './test-counts.mjs';

/** @typedef {import('./test-counts.mjs').Counts} Counts */

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** An odd time zone: code that takes the machine's for the user's, or for UTC, is found out. */
const ENVIRONMENT = { TZ: 'Asia/Kathmandu' };

/** @param {string} line */
const say = (line) => console.log(`\n▸ ${line}`);

/**
 * Runs a file of Node's, showing what it says as it says it.
 * @param {string[]} args
 * @param {Record<string, string>} [environment]
 * @returns {Promise<{ endedWell: boolean, output: string }>}
 */
function node(args, environment = {}) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...ENVIRONMENT, ...environment },
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
      process.stdout.write(text);
    });
    child.on('close', (code) => resolve({ endedWell: code === 0, output }));
  });
}

/** @param {string} file */
const readReport = async (file) => JSON.parse(await readFile(file, 'utf8').catch(() => 'null'));

/** @returns {Promise<Counts>} */
async function check() {
  say('Types, lint, unused code, imports, links');
  const { endedWell, output } = await node(['scripts/run.mjs', 'scripts/check.ts']);
  return countChecks(output, endedWell);
}

/** @param {string} folder @returns {Promise<Counts>} */
async function unitAndIntegration(folder) {
  say('Unit tests, and integration tests on a real PostgreSQL');
  const file = path.join(folder, 'vitest.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const { endedWell } = await node(['node_modules/vitest/vitest.mjs', 'run', ...reporters]);
  return countVitest(await readReport(file), endedWell);
}

/** @param {string} folder @returns {Promise<Counts>} */
async function endToEnd(folder) {
  say('End to end, in a real browser');
  const { findBrowser } = await import('./find-browser.mjs');
  const browser = await findBrowser((line) => console.log(line));
  console.log(`The browser is ${browser.description}.`);
  const file = path.join(folder, 'playwright.json');
  const { endedWell } = await node(
    [
      'node_modules/@playwright/test/cli.js',
      'test',
      '-c',
      'e2e/playwright.config.ts',
      '--reporter=list,json',
    ],
    { STAGEDOOR_BROWSER: browser.executablePath ?? '', PLAYWRIGHT_JSON_OUTPUT_FILE: file },
  );
  return countPlaywright(await readReport(file), endedWell);
}

async function main() {
  const { installPackages, isInstalled } = await import('./checkout.ts');
  if (!(await isInstalled(ROOT))) say('Installing the packages');
  await installPackages(ROOT);
  const folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-reports-'));
  const begun = performance.now();
  /** @type {Counts} */
  const total = { passed: 0, failed: 0 };
  for (const step of [check, unitAndIntegration, endToEnd]) {
    const counts = await step(folder).catch((error) => {
      console.error(error instanceof Error ? error.message : error);
      return { passed: 0, failed: 1 };
    });
    total.passed += counts.passed;
    total.failed += counts.failed;
  }
  await rm(folder, { recursive: true, force: true });
  console.log(`\nAll of it took ${Math.round((performance.now() - begun) / 1000)} seconds.`);
  console.log(`${total.passed} passed, ${total.failed} failed`);
  process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
}

if (!(await runUnderNewerNode(import.meta.url))) await main();
