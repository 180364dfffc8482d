import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bundlePrograms, watchPrograms } from './bundle.ts';

let root: string;
let folder: string;

const write = (name: string, source: string) => writeFile(path.join(root, 'scripts', name), source);

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'stagedoor-bundle-'));
  folder = path.join(root, 'programs');
  await mkdir(path.join(root, 'scripts'));
  await symlink(path.join(import.meta.dirname, '../node_modules'), path.join(root, 'node_modules'));
  await write('web.ts', `import pg from 'pg';\nconsole.log(pg);`);
  await write('verifier.ts', `import { shared } from './shared.ts';\nconsole.log(shared);`);
  await write(
    'worker.ts',
    `import { shared } from './shared.ts';\nconsole.log(shared, await import('./later.ts'));`,
  );
  await write('shared.ts', `export const shared: string = 'one';`);
  await write('later.ts', `export const later = 'loaded when it is needed';`);
});
afterEach(() => rm(root, { recursive: true, force: true }));

const program = (name: string) => readFile(path.join(folder, `${name}.mjs`), 'utf8');

describe('bundlePrograms', () => {
  it('puts each service into one file, and what it imports later into others', async () => {
    await bundlePrograms(root, folder);
    expect(await program('verifier')).toContain(`shared = "one"`);
    expect(await program('worker')).not.toContain('loaded when it is needed');
    const [chunk = ''] = (await readdir(path.join(folder, 'worker'))).filter((name) =>
      name.startsWith('later'),
    );
    expect(await readFile(path.join(folder, 'worker', chunk), 'utf8')).toContain('loaded when it is needed');
  });

  it('leaves out of web what it shares with Next.js', async () => {
    await bundlePrograms(root, folder);
    expect(await program('web')).toContain('from "pg"');
  });
});

describe('watchPrograms', () => {
  it('rebuilds the programs that a changed file is part of, and no others', async () => {
    const rebuilt: string[] = [];
    const both = Promise.withResolvers<void>();
    const stop = await watchPrograms(root, folder, (name) => {
      rebuilt.push(name);
      if (rebuilt.length === 2) both.resolve();
    });
    await write('shared.ts', `export const shared: string = 'two';`);
    await both.promise;
    expect(rebuilt.sort()).toEqual(['verifier', 'worker']);
    expect(await program('verifier')).toContain(`shared = "two"`);
    await stop();
  });
});
