import { execFile } from 'node:child_process';
import { cp, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
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
};

const run = promisify(execFile);

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
  const tsc = path.join(ROOT, 'node_modules/typescript/bin/tsc');
  const project = path.join(import.meta.dirname, 'tsconfig.build.json');
  await run(process.execPath, [tsc, '-p', project, '--outDir', compiled]);
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
