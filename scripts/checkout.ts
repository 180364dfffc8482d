import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { withLock } from './file-lock.ts';
import { getNpmCommand } from './node-version.mjs';
import { runQuietly } from './terminal.ts';

type Packages = Record<string, { version?: string; optional?: true; dev?: true; devOptional?: true }>;

async function readPackages(file: string): Promise<Packages | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text).packages;
}

/**
 * Returns whether node_modules contains the packages of package-lock.json. Optional ones may be missing: they may be
 * for another platform. npm writes its own list there last, so a missing list means an interrupted install.
 * @param root the checkout
 * @param options.includeDev whether to include the packages that are only needed for tests and checks
 */
export async function isInstalled(root: string, { includeDev = true } = {}): Promise<boolean> {
  const lockedPackages = await readPackages(path.join(root, 'package-lock.json'));
  const installedPackages = await readPackages(path.join(root, 'node_modules/.package-lock.json'));
  if (!lockedPackages || !installedPackages) return false;
  return Object.entries(lockedPackages).every(([location, locked]) => {
    if (location === '' || (locked.dev && !includeDev)) return true;
    const installed = installedPackages[location];
    return installed ? installed.version === locked.version : Boolean(locked.optional || locked.devOptional);
  });
}

/**
 * Installs the packages of package-lock.json, unless they are installed.
 * @returns whether it installed them
 */
export async function installPackages(
  root: string,
  { includeDev = true, signal }: { includeDev?: boolean; signal?: AbortSignal } = {},
): Promise<boolean> {
  if (await isInstalled(root, { includeDev })) return false;
  await mkdir(path.join(root, '.stagedoor'), { recursive: true });
  return withLock(path.join(root, '.stagedoor/install.lock'), async () => {
    if (await isInstalled(root, { includeDev })) return false;
    // `npm ci` empties node_modules first, which a running Stagedoor may be using. So if only development packages are
    // missing, add them instead.
    const lacksOnlyDevPackages = includeDev && (await isInstalled(root, { includeDev: false }));
    const install = lacksOnlyDevPackages ? ['install', '--no-save', '--include=dev'] : ['ci'];
    if (!lacksOnlyDevPackages) install.push(includeDev ? '--include=dev' : '--omit=dev');
    const { program, args, shell } = getNpmCommand();
    const options = { cwd: root, shell, ...(signal ? { signal } : {}) };
    await runQuietly(program, [...args, ...install, '--no-audit', '--no-fund'], options);
    return true;
  });
}

const SOURCE_FOLDERS = ['app', 'components', 'db', 'lib', 'public'];
const SOURCE_FILES = [
  ...[
    'instrumentation-client.ts',
    'next.config.mjs',
    'postcss.config.mjs',
    'tsconfig.json',
    'package.json',
    'package-lock.json',
  ],
  ...['bundle', 'web', 'verifier', 'worker'].map((name) => `scripts/${name}.ts`),
];
/** The environment variables that the build sees: none of Stagedoor's settings, so that none ends up in the build. */
const BUILD_VARIABLES =
  /^(PATH|HOME|USER|TMPDIR|TEMP|TMP|SystemRoot|APPDATA|LOCALAPPDATA|CI|NODE_OPTIONS|.*_proxy)$/i;

/** Returns a digest of all files that the build depends on. */
async function digestSources(root: string): Promise<string> {
  const lists = await Promise.all(
    SOURCE_FOLDERS.map(async (folder) => {
      const names = await readdir(path.join(root, folder), { recursive: true }).catch(() => []);
      return names.map((name) => path.join(folder, name));
    }),
  );
  const names = lists
    .flat()
    .filter((name) => /\.\w+$/.test(name) && !/\.test\.tsx?$|^lib\/testing\//.test(name));
  const hash = createHash('sha256');
  for (const name of [...names.sort(), ...SOURCE_FILES]) {
    const content = await readFile(path.join(root, name)).catch(() => Buffer.alloc(0));
    hash.update(`${name}\0${content.length}\0`).update(content);
  }
  return hash.digest('base64');
}

function createBuildEnvironment(sourcesDigest: string): NodeJS.ProcessEnv {
  const variables = Object.entries(process.env).filter(([name]) => BUILD_VARIABLES.test(name));
  return {
    ...Object.fromEntries(variables),
    NODE_ENV: 'production',
    NEXT_TELEMETRY_DISABLED: '1',
    // Next.js salts the names of server actions with it, so instances that are built from the same sources agree on
    // them. At run time, Next.js encrypts with the key of the web process.
    NEXT_SERVER_ACTIONS_ENCRYPTION_KEY: sourcesDigest,
    STAGEDOOR_BUILD_ID: createHash('sha256').update(sourcesDigest).digest('hex').slice(0, 20),
  };
}

async function buildPages(root: string, sourcesDigest: string, signal?: AbortSignal): Promise<void> {
  const next = path.join(root, 'node_modules/next/dist/bin/next');
  const env = createBuildEnvironment(sourcesDigest);
  await runQuietly(process.execPath, [next, 'build'], { cwd: root, env, ...(signal ? { signal } : {}) });
}

async function buildPrograms(root: string): Promise<void> {
  const { bundlePrograms } = await import('./bundle.ts');
  await bundlePrograms(root, programsFolder(root));
}

/** Returns the folder of the three services' built programs. */
export const programsFolder = (root: string) => path.join(root, '.stagedoor/programs');

/** `outputFile` is missing if a target was not built, or its output was deleted. */
const TARGETS = {
  pages: { folder: '.next', outputFile: 'BUILD_ID', build: buildPages },
  programs: { folder: '.stagedoor/programs', outputFile: 'worker.mjs', build: buildPrograms },
};
export type BuildTarget = keyof typeof TARGETS;

/** The file in a target's folder with the digest of the sources that it was built from. */
const DIGEST_FILE = 'stagedoor-sources';

async function isBuiltFrom(root: string, sourcesDigest: string, target: BuildTarget): Promise<boolean> {
  const { folder, outputFile } = TARGETS[target];
  if (!existsSync(path.join(root, folder, outputFile))) return false;
  const builtFrom = await readFile(path.join(root, folder, DIGEST_FILE), 'utf8').catch(() => '');
  return builtFrom === sourcesDigest;
}

/** Finds the targets that are not, or not completely, built from the current sources. */
export async function findUnbuilt(root: string, targets: BuildTarget[]): Promise<BuildTarget[]> {
  const sourcesDigest = await digestSources(root);
  const areBuilt = await Promise.all(targets.map((target) => isBuiltFrom(root, sourcesDigest, target)));
  return targets.filter((_, index) => !areBuilt[index]);
}

/** Builds the web pages and the services' programs, unless they are up to date. */
export async function build(
  root: string,
  { targets = ['pages', 'programs'], signal }: { targets?: BuildTarget[]; signal?: AbortSignal } = {},
): Promise<void> {
  await mkdir(path.join(root, '.stagedoor'), { recursive: true });
  const buildTarget = (target: BuildTarget) =>
    withLock(path.join(root, `.stagedoor/build-${target}.lock`), async () => {
      const sourcesDigest = await digestSources(root);
      if (await isBuiltFrom(root, sourcesDigest, target)) return;
      // Write the digest only at the end, so that an interrupted build does not count.
      const file = path.join(root, TARGETS[target].folder, DIGEST_FILE);
      await rm(file, { force: true });
      await TARGETS[target].build(root, sourcesDigest, signal);
      await writeFile(file, sourcesDigest);
    });
  await Promise.all(targets.map(buildTarget));
}
