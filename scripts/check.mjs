import { spawn } from 'node:child_process';
import { ROOT } from './source-files.mjs';

/** What `npm run check` runs, side by side: a name, and arguments for Node. */
const CHECKS = [
  ['types', 'node_modules/typescript/bin/tsc', '-p', 'scripts/tsconfig.check.json'],
  ['lint and format', 'node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings'],
  ['unused code', 'node_modules/knip/bin/knip.js'],
  ['imports', 'scripts/check-imports.mjs'],
  ['server actions', 'scripts/check-actions.mjs'],
  ['sizes', 'scripts/check-sizes.mjs'],
  ['links', 'scripts/check-links.mjs'],
];

/**
 * @param {string[]} command a name, then the arguments for Node
 * @returns {Promise<boolean>} whether all was well; a check's words are printed when it was not
 */
function run([name = '', ...args]) {
  const begun = performance.now();
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    /** @type {Buffer[]} */
    const output = [];
    child.stdout.on('data', (chunk) => output.push(chunk));
    child.stderr.on('data', (chunk) => output.push(chunk));
    child.on('error', (error) => output.push(Buffer.from(String(error))));
    child.on('close', (code) => {
      const seconds = ((performance.now() - begun) / 1000).toFixed(1);
      console.log(`${code === 0 ? 'passed' : 'FAILED'}  ${name} (${seconds} s)`);
      if (code !== 0) console.log(Buffer.concat(output).toString().trimEnd());
      resolve(code === 0);
    });
  });
}

const outcomes = await Promise.all(CHECKS.map(run));
const failed = outcomes.filter((passed) => !passed).length;
console.log(`${outcomes.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
