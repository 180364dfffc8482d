import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { withLock } from './file-lock.ts';
import { npmCommand } from './node-version.mjs';
import { runQuietly } from './terminal.ts';

type Packages = Record<string, { version?: string; optional?: true; dev?: true; devOptional?: true }>;

async function readPackages(file: string): Promise<Packages | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text).packages;
}

/**
 * Checks that node_modules holds what package-lock.json asks for. npm keeps a list of its own there, which it writes
 * last: without it, an install was cut short.
 * @param root the checkout
 * @param options.dev asks for the packages that only testing and checking need, too
 */
export async function isInstalled(root: string, { dev = true } = {}): Promise<boolean> {
  const wanted = await readPackages(path.join(root, 'package-lock.json'));
  const present = await readPackages(path.join(root, 'node_modules/.package-lock.json'));
  if (!wanted || !present) return false;
  return Object.entries(wanted).every(([place, lock]) => {
    if (place === '' || (lock.dev && !dev)) return true;
    const found = present[place];
    return found ? found.version === lock.version : Boolean(lock.optional || lock.devOptional);
  });
}

/**
 * Installs the packages of package-lock.json, unless they are there.
 * @returns whether there was something to install
 */
export async function installPackages(
  root: string,
  { dev = true, signal }: { dev?: boolean; signal?: AbortSignal } = {},
): Promise<boolean> {
  if (await isInstalled(root, { dev })) return false;
  await mkdir(path.join(root, '.stagedoor'), { recursive: true });
  return withLock(path.join(root, '.stagedoor/install.lock'), async () => {
    if (await isInstalled(root, { dev })) return false;
    // `npm ci` begins with an empty folder. If only packages for development are missing, they are added to what a
    // running Stagedoor may be using.
    const isPartial = dev && (await isInstalled(root, { dev: false }));
    const install = isPartial ? ['install', '--no-save', '--include=dev'] : ['ci'];
    if (!isPartial) install.push(dev ? '--include=dev' : '--omit=dev');
    const { program, args, shell } = npmCommand();
    const options = { cwd: root, shell, ...(signal ? { signal } : {}) };
    await runQuietly(program, [...args, ...install, '--no-audit', '--no-fund'], options);
    return true;
  });
}

const SOURCES = ['app', 'components', 'db', 'lib', 'public'];
const FILES = [
  ...['next.config.mjs', 'postcss.config.mjs', 'tsconfig.json', 'package.json', 'package-lock.json'],
  ...['bundle', 'web', 'verifier', 'worker'].map((name) => `scripts/${name}.ts`),
];
/** What the build may see of this process's environment: no setting of Stagedoor's, so that none is built in. */
const PASSED = /^(PATH|HOME|USER|TMPDIR|TEMP|TMP|SystemRoot|APPDATA|LOCALAPPDATA|CI|NODE_OPTIONS|.*_proxy)$/i;

/** Returns a digest of everything that the build is made of. */
async function fingerprint(root: string): Promise<string> {
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

function buildEnvironment(sources: string): NodeJS.ProcessEnv {
  const passed = Object.fromEntries(Object.entries(process.env).filter(([name]) => PASSED.test(name)));
  return {
    ...passed,
    NODE_ENV: 'production',
    NEXT_TELEMETRY_DISABLED: '1',
    // Next.js salts the names of the server actions with it, so all instances that are built from the same sources
    // agree on them. What it encrypts, it encrypts with the key that the web process is given.
    NEXT_SERVER_ACTIONS_ENCRYPTION_KEY: sources,
    STAGEDOOR_BUILD_ID: createHash('sha256').update(sources).digest('hex').slice(0, 20),
  };
}

async function buildPages(root: string, sources: string, signal?: AbortSignal): Promise<void> {
  const next = path.join(root, 'node_modules/next/dist/bin/next');
  const env = buildEnvironment(sources);
  await runQuietly(process.execPath, [next, 'build'], { cwd: root, env, ...(signal ? { signal } : {}) });
}

async function buildPrograms(root: string): Promise<void> {
  const { bundlePrograms } = await import('./bundle.ts');
  await bundlePrograms(root, programsFolder(root));
}

/** Where the built programs of the three services are. */
export const programsFolder = (root: string) => path.join(root, '.stagedoor/programs');

const PARTS = {
  pages: { folder: '.next', proof: 'BUILD_ID', build: buildPages },
  programs: { folder: '.stagedoor/programs', proof: 'worker.mjs', build: buildPrograms },
};
export type BuildTarget = keyof typeof PARTS;

async function isBuiltFrom(root: string, sources: string, part: BuildTarget): Promise<boolean> {
  const { folder, proof } = PARTS[part];
  if (!existsSync(path.join(root, folder, proof))) return false;
  return (await readFile(path.join(root, folder, 'stagedoor-sources'), 'utf8').catch(() => '')) === sources;
}

/** Finds what has not been built, completely, from the sources as they are now. */
export async function findUnbuilt(root: string, parts: BuildTarget[]): Promise<BuildTarget[]> {
  const sources = await fingerprint(root);
  const built = await Promise.all(parts.map((part) => isBuiltFrom(root, sources, part)));
  return parts.filter((_, index) => !built[index]);
}

/** Builds the web pages and the programs of the services, unless they are built. */
export async function build(
  root: string,
  { parts = ['pages', 'programs'], signal }: { parts?: BuildTarget[]; signal?: AbortSignal } = {},
): Promise<void> {
  await mkdir(path.join(root, '.stagedoor'), { recursive: true });
  const buildPart = (part: BuildTarget) =>
    withLock(path.join(root, `.stagedoor/build-${part}.lock`), async () => {
      const sources = await fingerprint(root);
      if (await isBuiltFrom(root, sources, part)) return;
      // Written again at the end only: a build that is cut short does not count.
      const file = path.join(root, PARTS[part].folder, 'stagedoor-sources');
      await rm(file, { force: true });
      await PARTS[part].build(root, sources, signal);
      await writeFile(file, sources);
    });
  await Promise.all(parts.map(buildPart));
}
