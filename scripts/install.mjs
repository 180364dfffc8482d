import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { withLock } from './file-lock.mjs';
import { npmCommand } from './node-version.mjs';
import { runQuietly } from './run-quietly.mjs';

/** @typedef {Record<string, { version?: string, optional?: boolean, devOptional?: boolean }>} Packages */

/** @param {string} file @returns {Promise<Packages | undefined>} */
async function readPackages(file) {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text).packages;
}

/**
 * Whether node_modules holds what package-lock.json asks for. npm keeps a list of its own there, which it
 * writes last: where that is missing, an install never ended.
 * @param {string} root the checkout
 */
export async function isInstalled(root) {
  const wanted = await readPackages(path.join(root, 'package-lock.json'));
  const present = await readPackages(path.join(root, 'node_modules/.package-lock.json'));
  if (!wanted || !present) return false;
  return Object.entries(wanted).every(([place, { version, optional, devOptional }]) => {
    if (place === '') return true;
    const found = present[place];
    return found ? found.version === version : Boolean(optional || devOptional);
  });
}

/**
 * Installs the packages of package-lock.json, unless they are there.
 * @param {string} root the checkout
 * @param {AbortSignal} [signal]
 * @returns {Promise<boolean>} whether there was something to install
 */
export async function installPackages(root, signal) {
  if (await isInstalled(root)) return false;
  await mkdir(path.join(root, '.stagedoor'), { recursive: true });
  return withLock(path.join(root, '.stagedoor/install.lock'), async () => {
    if (await isInstalled(root)) return false;
    const { program, args, shell } = npmCommand();
    await runQuietly(program, [...args, 'ci', '--include=dev', '--no-audit', '--no-fund'], {
      cwd: root,
      shell,
      ...(signal ? { signal } : {}),
    });
    return true;
  });
}
