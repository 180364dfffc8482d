import { existsSync, readdirSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { unpackDebianPackages } from './debian-packages.mjs';
import { withLock } from './file-lock.ts';
import { runQuietly } from './processes.ts';

/** @typedef {{ path: string, env: Record<string, string> }} Program `env`: what has to be in its environment */

const ROOT = path.dirname(import.meta.dirname);
const CACHE = path.join(ROOT, 'node_modules/.cache/debian');
/** Where servers are: not on every user's PATH. */
const SBIN = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** @param {Program} program @param {string[]} args @returns {Promise<boolean>} */
async function runs({ path: file, env }, args) {
  if (!existsSync(file)) return false;
  return runQuietly(file, args, { env: { ...process.env, ...env }, timeout: 20_000 }).then(
    () => true,
    () => false,
  );
}

/** @param {string} name @param {string[]} args @returns {Promise<Program | undefined>} */
async function onTheMachine(name, args) {
  for (const folder of [...(process.env.PATH ?? '').split(path.delimiter).filter(Boolean), ...SBIN]) {
    const program = { path: path.join(folder, name), env: {} };
    if (await runs(program, args)) return program;
  }
  return undefined;
}

/** @param {string} name @param {string[]} args @returns {Promise<Program | undefined>} */
async function unpacked(name, args) {
  const root = path.join(CACHE, name);
  const libraries = ['usr/lib', 'lib'].flatMap((folder) =>
    existsSync(path.join(root, folder))
      ? readdirSync(path.join(root, folder))
          .filter((entry) => entry.includes('-linux-'))
          .map((entry) => path.join(root, folder, entry))
      : [],
  );
  /** @type {Record<string, string>} */
  const env = libraries.length > 0 ? { LD_LIBRARY_PATH: libraries.join(':') } : {};
  for (const folder of ['usr/sbin', 'usr/bin']) {
    const program = { path: path.join(root, folder, name), env };
    if (await runs(program, args)) return program;
  }
  return undefined;
}

/**
 * A program that is a package of Debian's by the same name: on the machine, else unpacked into node_modules/.cache.
 * @param {string} name
 * @param {string[]} args with which it just says its version
 * @returns {Promise<Program>}
 * @throws where it is not there and cannot be had
 */
export async function findProgram(name, args) {
  const present = (await onTheMachine(name, args)) ?? (await unpacked(name, args));
  if (present) return present;
  await mkdir(CACHE, { recursive: true });
  /** @type {unknown} */
  let cause;
  const program = await withLock(path.join(CACHE, 'lock'), async () => {
    const others = await unpacked(name, args);
    if (others) return others;
    await rm(path.join(CACHE, name), { recursive: true, force: true });
    await unpackDebianPackages([name], path.join(CACHE, name)).catch((error) => {
      cause = error;
    });
    return unpacked(name, args);
  });
  if (program) return program;
  const advice = `There is no ${name} on this machine, and Debian's package could not be had: install ${name}, then run npm test again.`;
  throw new Error(advice, { cause });
}
