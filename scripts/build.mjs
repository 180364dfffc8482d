import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { withLock } from './file-lock.mjs';
import { runQuietly } from './run-quietly.mjs';

const SOURCES = ['app', 'components', 'db', 'lib', 'public'];
const FILES = ['next.config.ts', 'postcss.config.mjs', 'tsconfig.json', 'package.json', 'package-lock.json'];
/** What the build gets of this process's environment: no setting of Stagedoor's, so that none is built in. */
const PASSED = /^(PATH|HOME|USER|TMPDIR|TEMP|TMP|SystemRoot|APPDATA|LOCALAPPDATA|CI|NODE_OPTIONS|.*_proxy)$/i;

const fingerprintFile = (/** @type {string} */ root) => path.join(root, '.next/stagedoor-sources');

/** @param {string} root @returns {Promise<string>} a digest of everything that the build is made of */
async function fingerprint(root) {
  const lists = await Promise.all(
    SOURCES.map(async (folder) => {
      const names = await readdir(path.join(root, folder), { recursive: true }).catch(() => []);
      return names.map((name) => path.join(folder, name));
    }),
  );
  const names = lists.flat().filter((name) => /\.\w+$/.test(name) && !/\.test\.tsx?$/.test(name));
  const hash = createHash('sha256');
  for (const name of [...names.sort(), ...FILES]) {
    const content = await readFile(path.join(root, name)).catch(() => Buffer.alloc(0));
    hash.update(`${name}\0${content.length}\0`).update(content);
  }
  return hash.digest('base64');
}

/** @param {string} sources @returns {NodeJS.ProcessEnv} */
function buildEnvironment(sources) {
  const passed = Object.fromEntries(Object.entries(process.env).filter(([name]) => PASSED.test(name)));
  return {
    ...passed,
    NODE_ENV: 'production',
    NEXT_TELEMETRY_DISABLED: '1',
    // Next.js salts the names of the server actions with it: so all instances that are built from the same
    // sources agree on them. What it encrypts, it encrypts with the key that the web process is given.
    NEXT_SERVER_ACTIONS_ENCRYPTION_KEY: sources,
    STAGEDOOR_BUILD_ID: createHash('sha256').update(sources).digest('hex').slice(0, 20),
  };
}

/** @param {string} root @param {string} sources */
async function isBuiltFrom(root, sources) {
  if (!existsSync(path.join(root, '.next/BUILD_ID'))) return false;
  return (await readFile(fingerprintFile(root), 'utf8').catch(() => '')) === sources;
}

/**
 * Whether the web pages have been built, completely, from the sources as they are now.
 * @param {string} root the checkout
 */
export async function isBuilt(root) {
  return isBuiltFrom(root, await fingerprint(root));
}

/**
 * Builds the web pages, unless they are built.
 * @param {string} root the checkout
 * @param {AbortSignal} signal
 */
export async function buildPages(root, signal) {
  await mkdir(path.join(root, '.stagedoor'), { recursive: true });
  await withLock(path.join(root, '.stagedoor/build.lock'), async () => {
    const sources = await fingerprint(root);
    if (await isBuiltFrom(root, sources)) return;
    // Written again only at the end: a build that is cut short counts as none.
    await rm(fingerprintFile(root), { force: true });
    const next = path.join(root, 'node_modules/next/dist/bin/next');
    await runQuietly(process.execPath, [next, 'build'], {
      cwd: root,
      env: buildEnvironment(sources),
      signal,
    });
    await writeFile(fingerprintFile(root), sources);
  });
}
