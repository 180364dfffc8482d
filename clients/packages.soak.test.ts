import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { problemAffectsResolutionKind } from '@arethetypeswrong/core/problems';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PACKAGES, packClients } from './pack.ts';

const NAMES = Object.keys(PACKAGES);
const run = promisify(execFile);
const ROOT = path.join(import.meta.dirname, '..');
/** A project that has installed the packages. */
let project: string;
let files: Record<string, string>;

const readManifest = async (name: string) =>
  JSON.parse(await readFile(path.join(import.meta.dirname, name, 'package.json'), 'utf8'));
const readPacked = async (name: string) => Uint8Array.from(await readFile(files[name] ?? ''));
const findInstalled = (packageName: string) => path.join(project, 'node_modules', packageName);

/** Unpacks a package as npm does, and links the packages that it says it needs, and no others. */
async function install(name: string): Promise<void> {
  const { name: packageName, dependencies, peerDependencies } = await readManifest(name);
  const folder = findInstalled(packageName);
  await mkdir(folder, { recursive: true });
  await run('tar', ['-xzf', files[name] ?? '', '-C', folder, '--strip-components=1']);
  for (const needed of Object.keys({ ...dependencies, ...peerDependencies })) {
    const link = findInstalled(needed);
    await mkdir(path.dirname(link), { recursive: true });
    await symlink(path.join(ROOT, 'node_modules', needed), link).catch(ignoreExisting);
  }
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

beforeAll(async () => {
  project = await mkdtemp(path.join(tmpdir(), 'stagedoor-clients-'));
  files = await packClients(path.join(project, 'packed'));
  for (const name of NAMES) await install(name);
});
afterAll(() => rm(project, { recursive: true, force: true }));

describe.each(NAMES)('the package of clients/%s', (name) => {
  it('has no problem that publint finds', async () => {
    const { buffer } = await readPacked(name);
    const { messages, pkg } = await publint({ pack: { tarball: buffer }, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });

  it('contains only what it needs', async () => {
    const { name: packageName } = await readManifest(name);
    const listed = await readdir(findInstalled(packageName), { recursive: true });
    expect(listed.filter((file) => /\.test\.|example|generator|tsconfig/.test(file))).toEqual([]);
    expect(listed.filter((file) => /^(README\.md|LICENSE|package\.json)$/.test(file))).toHaveLength(3);
  });

  // The command line is not imported.
  if (name === 'cli') return;
  it('has types that every module resolution with ESM finds', async () => {
    const analysis = await checkPackage(createPackageFromTarballData(await readPacked(name)));
    if (!analysis.types) throw new Error('The package has no types.');
    const kinds = ['node16-esm', 'bundler'] as const;
    const problems = analysis.problems.filter((problem) =>
      kinds.some((kind) => problemAffectsResolutionKind(problem, kind, analysis)),
    );
    expect(problems).toEqual([]);
    for (const { resolutions } of Object.values(analysis.entrypoints))
      for (const kind of kinds) expect(resolutions[kind].resolution?.isTypeScript).toBe(true);
  });
});

/** What each package exports. */
const EXPORTS: Record<string, string> = {
  express: 'checkApiKey,checkUpgrade,requireScope',
  fastify: 'checkApiKey,checkUpgrade',
  hono: 'checkApiKey,checkUpgrade,requireScope',
  nextjs: 'withApiAccount',
  client: 'ApiError,ConnectionError,StagedoorClient,StagedoorError',
  verifier: 'createVerifier',
};

describe('the packed packages', () => {
  it('have the version of Stagedoor', async () => {
    const { version } = await readManifest('..');
    for (const name of NAMES) expect(await readManifest(name), name).toMatchObject({ version });
  });

  it('need the same versions as in a checkout', async () => {
    const { dependencies } = await readManifest('..');
    for (const name of NAMES)
      expect(dependencies).toMatchObject((await readManifest(name)).dependencies ?? {});
  });

  it('can be imported with only the packages that they say they need', async () => {
    const imports = Object.keys(EXPORTS).map(
      (name) => `Object.keys(await import('@stagedoor/${name}')).sort().join()`,
    );
    const script = `console.log(JSON.stringify([${imports.join(', ')}]))`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: project,
    });
    expect(JSON.parse(stdout)).toEqual(Object.values(EXPORTS));
  });
});

describe('the command line', () => {
  /** Runs a program without credentials, and returns its exit code and its output. */
  const runProgram = async (program: string, ...args: string[]) => {
    const none = { STAGEDOOR_URL: '', STAGEDOOR_TOKEN: '', XDG_CONFIG_HOME: '' };
    const env = { ...process.env, ...none, HOME: project };
    const result = run(process.execPath, [program, ...args], { cwd: project, env });
    return result.then(
      ({ stdout }) => ({ code: 0, output: stdout }),
      ({ code, stderr }) => ({ code, output: stderr }),
    );
  };

  it('runs from its package', async () => {
    const program = path.join(findInstalled('stagedoor'), 'dist/cli/stagedoor.js');
    const { version } = await readManifest('cli');
    expect(await runProgram(program, '--version')).toEqual({ code: 0, output: `${version}\n` });
    const output = expect.stringContaining('Run stagedoor login first');
    expect(await runProgram(program, 'accounts', 'list')).toEqual({ code: 2, output });
  });

  it('runs in a checkout, as the command of its package.json', async () => {
    const { bin } = await readManifest('..');
    const { version } = await readManifest('cli');
    const program = path.join(ROOT, bin.stagedoor);
    expect(await runProgram(program, '--version')).toEqual({ code: 0, output: `${version}\n` });
  });
});
