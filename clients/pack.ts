import { execFile } from 'node:child_process';
import { cp, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { getNpmCommand } from '../scripts/node-version.mjs';

const ROOT = path.join(import.meta.dirname, '..');
/** Each package, and the folders of `clients` whose compiled files it contains. */
export const PACKAGES: Record<string, string[]> = {
  express: ['express', 'shared'],
  fastify: ['fastify', 'shared'],
  hono: ['hono', 'shared'],
  nextjs: ['nextjs', 'shared'],
  typescript: ['typescript'],
  cli: ['cli', 'typescript'],
  verifier: ['verifier'],
};

const run = promisify(execFile);

function compile(project: string, folder: string): Promise<unknown> {
  const tsc = path.join(ROOT, 'node_modules/typescript/bin/tsc');
  return run(process.execPath, [tsc, '-p', path.join(import.meta.dirname, project), '--outDir', folder]);
}

/** Bundles the verifier with the files of `lib` and `db` that it consists of, so that there is only one implementation. */
async function bundleVerifier(compiled: string): Promise<void> {
  const name = 'verifier/create-verifier';
  const declarations = path.join(compiled, 'declarations');
  await compile('verifier/tsconfig.build.json', declarations);
  await cp(path.join(declarations, `clients/${name}.d.ts`), path.join(compiled, `${name}.d.ts`));
  await build({
    entryPoints: [path.join(import.meta.dirname, `${name}.ts`)],
    outfile: path.join(compiled, `${name}.js`),
    absWorkingDir: ROOT,
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node24',
    format: 'esm',
    logLevel: 'error',
  });
}

/** Collects what one package publishes in a folder. */
async function stage(name: string, compiled: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const file of ['package.json', 'README.md'])
    await cp(path.join(import.meta.dirname, name, file), path.join(folder, file));
  await cp(path.join(ROOT, 'LICENSE'), path.join(folder, 'LICENSE'));
  for (const source of PACKAGES[name] ?? [])
    await cp(path.join(compiled, source), path.join(folder, 'dist', source), { recursive: true });
}

/**
 * Compiles the packages, and packs each into a file that npm can install or publish.
 * @returns the path of each package's file, by folder name
 */
export async function packClients(destination: string): Promise<Record<string, string>> {
  const [compiled, staged] = ['compiled', 'staged'].map((name) => path.join(destination, name)) as [
    string,
    string,
  ];
  await rm(destination, { recursive: true, force: true });
  await Promise.all([compile('tsconfig.build.json', compiled), bundleVerifier(compiled)]);
  const names = Object.keys(PACKAGES);
  await Promise.all(names.map((name) => stage(name, compiled, path.join(staged, name))));
  const { program, args, shell } = getNpmCommand();
  const options = ['--json', '--ignore-scripts', '--offline', '--pack-destination', destination];
  const { stdout } = await run(program, [...args, 'pack', ...options, ...names.map((name) => `./${name}`)], {
    cwd: staged,
    shell,
  });
  const packed: { filename: string }[] = JSON.parse(stdout);
  return Object.fromEntries(
    names.map((name, index) => [name, path.join(destination, packed[index]?.filename ?? '')]),
  );
}

if (import.meta.main)
  for (const file of Object.values(await packClients(path.join(ROOT, '.stagedoor/clients'))))
    console.log(path.relative(process.cwd(), file));
