import { rmSync } from 'node:fs';
import { chmod, mkdtemp, readFile, statfs } from 'node:fs/promises';
import { setPriority, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { build } from './checkout.ts';
import { type Browser, findBrowser } from './find-browser.ts';
import { findProgram, installInCi } from './machine-programs.ts';
import {
  type Counts,
  countChecks,
  countPlaywright,
  countSilentFailure,
  countVitest,
  createEmptyResult,
  type StepResult,
} from './test-counts.ts';

/** The programs that Stagedoor is tested with, each a Debian package of the same name. npm installs the other gateways. */
const PROGRAMS = ['nginx', 'caddy', 'haproxy', 'pgbouncer'];
const SLOWEST_COUNT = 30;
const SHOWN_FAILURES = 20;

const { values, positionals } = parseArgs({ options: { soak: { type: 'boolean' } }, allowPositionals: true });

/** Linux keeps this folder in memory. */
const MEMORY_FOLDER = '/dev/shm';
const NEEDED_BYTES = 4 * 1024 ** 3;

/** Creates a folder for everything that tests write: in memory if possible, where cloning a database is ten times faster. */
async function createScratchFolder(): Promise<string> {
  const freeBytes = await statfs(MEMORY_FOLDER).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => 0,
  );
  const parent = freeBytes > NEEDED_BYTES ? MEMORY_FOLDER : tmpdir();
  const folder = await mkdtemp(path.join(parent, 'stagedoor-tests-'));
  // If this process is root, PostgreSQL runs as another user.
  await chmod(folder, 0o755);
  return folder;
}

const scratch = await createScratchFolder();
process.on('exit', () => rmSync(scratch, { recursive: true, force: true, maxRetries: 5 }));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1));
const ENVIRONMENT = {
  // An unusual time zone reveals code that confuses the machine's zone with the reader's or with UTC.
  TZ: 'Asia/Kathmandu',
  TMPDIR: scratch,
  // Playwright starts a process for each group of specs, and each loads the same packages.
  NODE_COMPILE_CACHE: path.resolve('node_modules/.cache/node'),
  // By default, Playwright keeps transpiled files in TMPDIR, which is empty at first.
  PLAYWRIGHT_TRANSFORM_CACHE_DIR: path.resolve('node_modules/.cache/playwright'),
  ...(values.soak ? { TEST_SCALE: 'soak' } : {}),
};

type Step = { title: string; run(): Promise<StepResult> };
type RunOptions = { env?: Record<string, string>; niceness?: number };

/** Of what runs beside the build: the build is the longest and cannot use two cores all the time. */
const BESIDE_BUILD: RunOptions = { niceness: 10 };

/**
 * Runs a Node.js program and forwards its output.
 * @param options.niceness 0 to 19: the higher, the longer it lets other processes run first
 */
async function runNode(args: string[], { env = {}, niceness = 0 }: RunOptions = {}) {
  const child = execa(process.execPath, args, {
    env: { ...ENVIRONMENT, ...env },
    reject: false,
    stdin: 'ignore',
    stdout: ['inherit', 'pipe'],
    stderr: 'inherit',
  });
  if (child.pid !== undefined && niceness > 0) setPriority(child.pid, niceness);
  const { failed, stdout } = await child;
  return { hasSucceeded: !failed, stdout };
}

async function readReport(name: string) {
  const text = await readFile(path.join(scratch, name), 'utf8').catch(() => 'null');
  return JSON.parse(text);
}

async function runVitest(projects: string[], options?: RunOptions): Promise<StepResult> {
  const name = `vitest-${projects.join('-')}.json`;
  const args = [
    'node_modules/vitest/vitest.mjs',
    'run',
    ...projects.map((project) => `--project=${project}`),
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${path.join(scratch, name)}`,
  ];
  const { hasSucceeded } = await runNode(args, options);
  return countSilentFailure(countVitest(await readReport(name)), hasSucceeded);
}

let browser: Promise<Browser> | undefined;
/** Finds a browser at the first call. Later calls return the same one. */
function findBrowserOnce(): Promise<Browser> {
  browser ??= findBrowser();
  return browser;
}

async function runPlaywright(): Promise<StepResult> {
  const { executablePath, description } = await findBrowserOnce();
  console.log(`Using ${description}.`);
  const cli = 'node_modules/@playwright/test/cli.js';
  const env = {
    STAGEDOOR_BROWSER: executablePath ?? '',
    PLAYWRIGHT_JSON_OUTPUT_FILE: path.join(scratch, 'playwright.json'),
  };
  const args = [cli, 'test', '-c', 'e2e/playwright.config.ts', '--reporter=list,json'];
  const { hasSucceeded } = await runNode(args, { env });
  return countSilentFailure(countPlaywright(await readReport('playwright.json')), hasSucceeded);
}

/**
 * Installs proxies and PgBouncer (in CI only) and a browser. Runs concurrently with the build, because downloads take
 * about as long.
 */
async function installPrograms(): Promise<void> {
  const missing = PROGRAMS.filter((name) => !findProgram(name));
  if (missing.length > 0)
    await installInCi(missing).catch((error: Error) =>
      console.log(`Skipping the tests of ${missing.join(', ')}: ${error.message}`),
    );
  // The end-to-end tests report a missing browser.
  await findBrowserOnce().catch(() => {});
}

/** Builds the web pages and the programs, which process and end-to-end tests use, and installs what they need. */
async function prepare(): Promise<StepResult> {
  await Promise.all([build(process.cwd()), installPrograms()]);
  return createEmptyResult();
}

async function runChecks(): Promise<StepResult> {
  const { hasSucceeded, stdout } = await runNode(['scripts/check.ts'], BESIDE_BUILD);
  return countSilentFailure(countChecks(stdout ?? ''), hasSucceeded);
}

/** The steps of a stage run concurrently, the stages one after another. */
const STAGES: Record<string, Step>[] = [
  {
    prepare: { title: 'Building the web pages and the programs', run: prepare },
    check: { title: 'Types, lint, unused code, module rules, prose and links', run: runChecks },
    unit: { title: 'Unit tests', run: () => runVitest(['unit'], BESIDE_BUILD) },
  },
  {
    integration: {
      title: 'Integration tests with a real PostgreSQL and real processes',
      run: () => runVitest(['database', 'process']),
    },
  },
  { e2e: { title: 'End-to-end tests in a real browser', run: runPlaywright } },
];

async function runStep({ title, run }: Step) {
  console.log(`\n▸ ${title}`);
  const startedAt = performance.now();
  const result = await run().catch((error): StepResult => {
    console.error(error);
    return { ...createEmptyResult(), failed: 1 };
  });
  return { ...result, title, seconds: (performance.now() - startedAt) / 1_000 };
}

const formatCounts = ({ passed, failed, skipped }: Counts) =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;

const startedAt = performance.now();
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
  .slice(0, SLOWEST_COUNT);
if (slowest.length > 0) console.log('\nSlowest files:\n\n| file | seconds |\n| --- | ---: |');
for (const [file, seconds] of slowest) console.log(`| \`${file}\` | ${seconds.toFixed(1)} |`);
for (const [file, count] of results.flatMap(({ skippedFiles }) => [...skippedFiles]))
  console.log(`\nSkipped: ${count} ${count === 1 ? 'test' : 'tests'} in ${file}`);
// Again at the end, because CI shows the last lines.
for (const failure of results.flatMap(({ failures }) => failures).slice(0, SHOWN_FAILURES))
  console.log(`\nFailed: ${failure}`);
console.log();
for (const { title, seconds, ...counts } of results)
  console.log(`${seconds.toFixed(0).padStart(6)} s  ${title}: ${formatCounts(counts)}`);
console.log(`${((performance.now() - startedAt) / 1_000).toFixed(0).padStart(6)} s  in total`);
console.log(formatCounts(total));
process.exitCode = total.failed === 0 && results.length > 0 ? 0 : 1;
