import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';

/** Debian installs servers into the last two, which are not on every user's PATH. */
const FOLDERS = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/local/sbin', '/usr/sbin'];
const INSTALL_TIMEOUT_MS = 240_000;

/** Returns the path of an installed program; undefined if there is none of that name. */
export function findProgram(name: string): string | undefined {
  return FOLDERS.filter(Boolean)
    .map((folder) => path.join(folder, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/**
 * Installs Debian packages, as root or with sudo. Does so in CI only: developers' machines are not changed.
 * @throws an Error with advice, or with apt-get's output
 */
export async function installInCi(packages: string[]): Promise<void> {
  const isRoot = process.getuid?.() === 0;
  if (process.env.CI !== 'true' || !findProgram('apt-get') || !(isRoot || findProgram('sudo')))
    throw new Error(`install ${packages.join(', ')} (Debian: apt-get install ${packages.join(' ')})`);
  const prefix = isRoot ? [] : ['sudo', '--non-interactive'];
  for (const args of [['update'], ['install', '--yes', '--no-install-recommends', ...packages]]) {
    const [program = '', ...rest] = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...args];
    await execa(program, rest, { stdin: 'ignore', timeout: INSTALL_TIMEOUT_MS });
  }
}
