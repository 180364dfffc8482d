import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { execa } from 'execa';

// Listed here because dependency-cruiser would look for `*.ts` in every folder, even in a running build's output.
const SOURCES = [
  'app',
  'bench',
  'cli',
  'clients',
  'components',
  'db',
  'docs',
  'e2e',
  'lib',
  'scripts',
  ...globSync('*.ts'),
];

/** Checks that an installed tool does: its script in node_modules, and the arguments. */
const TOOLS = {
  // First, because it takes longest. Its cache compares contents, and ends with a change of the configuration.
  spelling: [
    ...['cspell/bin.mjs', 'lint', '--no-progress', '--no-summary'],
    ...['--cache', '--cache-strategy', 'content', '--cache-location', 'node_modules/.cache/cspell'],
  ],
  types: ['typescript/bin/tsc', '-p', 'scripts/tsconfig.check.json'],
  'lint and format': ['@biomejs/biome/bin/biome', 'check', '--error-on-warnings'],
  'unused code': ['knip/bin/knip.js'],
  'module rules': ['dependency-cruiser/bin/dependency-cruiser.mjs', ...SOURCES],
};

/** Our own checks: each lists its findings. */
const OWN_CHECKS = {
  'server actions': async () => (await import('./action-rules.ts')).checkActions(),
  'links in the docs': async () => (await import('./check-links.ts')).checkLinks(),
  prose: async () => (await import('./check-prose.ts')).checkProse(),
};

/** Runs a tool. Returns its output if it fails, otherwise an empty string. */
async function runTool([script = '', ...args]: string[]): Promise<string> {
  const options = { all: true, reject: false, stdin: 'ignore' } as const;
  const { failed, all, message } = await execa(
    process.execPath,
    [`node_modules/${script}`, ...args],
    options,
  );
  return failed ? all || String(message) : '';
}

/** Runs a check, and prints its duration and findings. Returns whether it passed. */
async function runCheck(name: string, check: () => Promise<string>): Promise<boolean> {
  const startedAt = performance.now();
  const findings = await check().catch((error) => String(error.stack));
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${findings ? 'FAILED' : 'passed'}  ${name} (${seconds} s)`);
  if (findings) console.log(findings);
  return !findings;
}

const checks = [
  ...Object.entries(TOOLS).map(([name, command]) => ({ name, find: () => runTool(command) })),
  ...Object.entries(OWN_CHECKS).map(([name, find]) => ({
    name,
    find: async () => (await find()).join('\n'),
  })),
];

/** Runs the next check until none is left. All of them concurrently would take a third more CPU time. */
async function runNextChecks(): Promise<boolean[]> {
  const check = checks.shift();
  return check ? [await runCheck(check.name, check.find), ...(await runNextChecks())] : [];
}

const outcomes = (await Promise.all(Array.from({ length: availableParallelism() }, runNextChecks))).flat();
const failed = outcomes.filter((hasPassed) => !hasPassed).length;
console.log(`${outcomes.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
