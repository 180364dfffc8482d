import { rmSync } from 'node:fs';
import { chmod, mkdtemp, readFile, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { build } from './checkout.ts';
import { type Browser, findBrowser } from './find-browser.ts';
import { findProgram, installInCi } from './machine-programs.ts';
import {
  atLeastOne,
  type Counts,
  countChecks,
  countPlaywright,
  countVitest,
  emptyResult,
  type StepResult,
} from './test-counts.ts';

/** What the gateway examples are tested with; each is Debian's package of the same name. */
const GATEWAYS = ['nginx', 'caddy', 'haproxy'];
const SLOWEST = 30;

const { values, positionals } = parseArgs({ options: { soak: { type: 'boolean' } }, allowPositionals: true });

/** Memory that is used like a folder, on Linux. */
const MEMORY = '/dev/shm';
const NEEDED_BYTES = 4 * 1024 ** 3;

/** Creates the folder for everything that tests write: in memory if possible, where databases are cloned ten times as fast. */
async function createScratchFolder(): Promise<string> {
  const free = await statfs(MEMORY).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => 0,
  );
  const folder = await mkdtemp(path.join(free > NEEDED_BYTES ? MEMORY : tmpdir(), 'stagedoor-tests-'));
  // PostgreSQL runs as another user if this one is root.
  await chmod(folder, 0o755);
  return folder;
}

const scratch = await createScratchFolder();
process.on('exit', () => rmSync(scratch, { recursive: true, force: true, maxRetries: 5 }));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1));
const ENVIRONMENT = {
  // An unusual zone reveals code that confuses the machine's time zone with the reader's or with UTC.
  TZ: 'Asia/Kathmandu',
  TMPDIR: scratch,
  ...(values.soak ? { TEST_SCALE: 'soak' } : {}),
};

type Step = { title: string; run(): Promise<StepResult> };

/** Runs a Node.js program, showing its output as it comes. */
async function node(args: string[], env: Record<string, string> = {}) {
  const { failed, stdout } = await execa(process.execPath, args, {
    env: { ...ENVIRONMENT, ...env },
    reject: false,
    stdin: 'ignore',
    stdout: ['inherit', 'pipe'],
    stderr: 'inherit',
  });
  return { endedWell: !failed, stdout };
}

async function readReport(name: string) {
  const text = await readFile(path.join(scratch, name), 'utf8').catch(() => 'null');
  return JSON.parse(text);
}

async function runVitest(...projects: string[]): Promise<StepResult> {
  const name = `vitest-${projects.join('-')}.json`;
  const { endedWell } = await node([
    'node_modules/vitest/vitest.mjs',
    'run',
    ...projects.map((project) => `--project=${project}`),
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${path.join(scratch, name)}`,
  ]);
  return atLeastOne(countVitest(await readReport(name)), endedWell);
}

let browser: Promise<Browser> | undefined;
function browserOnce(): Promise<Browser> {
  browser ??= findBrowser();
  return browser;
}

async function runPlaywright(): Promise<StepResult> {
  const { executablePath, description } = await browserOnce();
  console.log(`The browser is ${description}.`);
  const cli = 'node_modules/@playwright/test/cli.js';
  const { endedWell } = await node([cli, 'test', '-c', 'e2e/playwright.config.ts', '--reporter=list,json'], {
    STAGEDOOR_BROWSER: executablePath ?? '',
    PLAYWRIGHT_JSON_OUTPUT_FILE: path.join(scratch, 'playwright.json'),
  });
  return atLeastOne(countPlaywright(await readReport('playwright.json')), endedWell);
}

/** Installs the gateways, if this is CI, and makes sure of a browser: downloads take as long as the build. */
async function installPrograms(): Promise<void> {
  const missing = GATEWAYS.filter((name) => !findProgram(name));
  if (missing.length > 0)
    await installInCi(missing).catch((error: Error) =>
      console.log(`The tests of ${missing.join(', ')} do not run: ${error.message}`),
    );
  // The end-to-end tests report a missing browser.
  await browserOnce().catch(() => {});
}

/** Builds the web pages and the programs once; every process and end-to-end test uses them. */
async function prepare(): Promise<StepResult> {
  await Promise.all([build(process.cwd()), installPrograms()]);
  return emptyResult();
}

async function runChecks(): Promise<StepResult> {
  const { endedWell, stdout } = await node(['scripts/check.ts']);
  return atLeastOne(countChecks(stdout ?? ''), endedWell);
}

/** Steps of one stage run at the same time, the stages one after another. */
const STAGES: Record<string, Step>[] = [
  {
    prepare: { title: 'Building the web pages and the programs', run: prepare },
    check: { title: 'Types, lint, unused code, module rules, links', run: runChecks },
    unit: { title: 'Unit tests', run: () => runVitest('unit') },
  },
  {
    integration: {
      title: 'Integration tests, with a real PostgreSQL and real processes',
      run: () => runVitest('database', 'process'),
    },
  },
  { e2e: { title: 'End to end, in a real browser', run: runPlaywright } },
];

async function runStep({ title, run }: Step) {
  console.log(`\n▸ ${title}`);
  const begun = performance.now();
  const result = await run().catch((error): StepResult => {
    console.error(error);
    return { ...emptyResult(), failed: 1 };
  });
  return { ...result, title, seconds: (performance.now() - begun) / 1_000 };
}

const formatCounts = ({ passed, failed, skipped }: Counts) =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;

const begun = performance.now();
const results: Awaited<ReturnType<typeof runStep>>[] = [];
for (const stage of STAGES) {
  const steps = Object.entries(stage).filter(
    ([name]) => positionals.length === 0 || positionals.includes(name),
  );
  results.push(...(await Promise.all(steps.map(([, step]) => runStep(step)))));
}

const total = results.reduce(
  (sum, { passed, failed, skipped }) => ({
    passed: sum.passed + passed,
    failed: sum.failed + failed,
    skipped: sum.skipped + skipped,
  }),
  { passed: 0, failed: 0, skipped: 0 },
);
const slowest = results
  .flatMap(({ files }) => [...files])
  .sort(([, a], [, b]) => b - a)
  .slice(0, SLOWEST);
if (slowest.length > 0) console.log('\nThe slowest files:\n\n| file | seconds |\n| --- | ---: |');
for (const [file, seconds] of slowest) console.log(`| \`${file}\` | ${seconds.toFixed(1)} |`);
for (const [file, count] of results.flatMap(({ skippedFiles }) => [...skippedFiles]))
  console.log(`\nDid not run: ${count} tests of ${file}`);
console.log();
for (const { title, seconds, ...counts } of results)
  console.log(`${seconds.toFixed(0).padStart(6)} s  ${title}: ${formatCounts(counts)}`);
console.log(`${((performance.now() - begun) / 1_000).toFixed(0).padStart(6)} s  in all`);
console.log(formatCounts(total));
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
