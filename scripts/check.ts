import { globSync } from 'node:fs';
import { execa } from 'execa';

// dependency-cruiser would look for `*.ts` in every folder, also in those that a build is writing.
const SOURCES = [
  'app',
  'bench',
  'cli',
  'components',
  'db',
  'docs',
  'e2e',
  'lib',
  'scripts',
  ...globSync('*.ts'),
];

/** Programs of packages, with their arguments. */
const PROGRAMS = {
  types: ['typescript/bin/tsc', '-p', 'scripts/tsconfig.check.json'],
  'lint and format': ['@biomejs/biome/bin/biome', 'check', '--error-on-warnings'],
  'unused code': ['knip/bin/knip.js'],
  'module rules': ['dependency-cruiser/bin/dependency-cruiser.mjs', ...SOURCES],
};

/** Checks in this process: each lists what is wrong. */
const OWN = {
  'server actions': async () => (await import('./action-rules.ts')).checkActions(),
  'links in the docs': async () => (await import('./check-links.ts')).checkLinks(),
};

/** Runs a package's program and returns what it prints, if it fails. */
async function runProgram([program = '', ...args]: string[]): Promise<string> {
  const options = { all: true, reject: false, stdin: 'ignore' } as const;
  const { failed, all, message } = await execa(
    process.execPath,
    [`node_modules/${program}`, ...args],
    options,
  );
  return failed ? all || String(message) : '';
}

async function report(name: string, check: () => Promise<string>): Promise<boolean> {
  const begun = performance.now();
  const findings = await check().catch((error) => String(error.stack));
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  console.log(`${findings ? 'FAILED' : 'passed'}  ${name} (${seconds} s)`);
  if (findings) console.log(findings);
  return !findings;
}

const outcomes = await Promise.all([
  ...Object.entries(PROGRAMS).map(([name, command]) => report(name, () => runProgram(command))),
  ...Object.entries(OWN).map(([name, find]) => report(name, async () => (await find()).join('\n'))),
]);
const failed = outcomes.filter((passed) => !passed).length;
console.log(`${outcomes.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
