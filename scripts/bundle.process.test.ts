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

const readProgram = (name: string) => readFile(path.join(folder, `${name}.mjs`), 'utf8');

describe('bundlePrograms', () => {
  it('bundles each service into one file, and its dynamic imports into others', async () => {
    await bundlePrograms(root, folder);
    expect(await readProgram('verifier')).toContain(`shared = "one"`);
    expect(await readProgram('worker')).not.toContain('loaded when it is needed');
    const [chunk = ''] = (await readdir(path.join(folder, 'worker'))).filter((name) =>
      name.startsWith('later'),
    );
    expect(await readFile(path.join(folder, 'worker', chunk), 'utf8')).toContain('loaded when it is needed');
  });

  it('does not bundle the packages that web shares with Next.js', async () => {
    await bundlePrograms(root, folder);
    expect(await readProgram('web')).toContain('from "pg"');
  });
});

describe('watchPrograms', () => {
  it('rebuilds only the programs that contain a changed file', async () => {
    const rebuilt: string[] = [];
    const bothRebuilt = Promise.withResolvers<void>();
    const stop = await watchPrograms(root, folder, (name) => {
      rebuilt.push(name);
      if (rebuilt.length === 2) bothRebuilt.resolve();
    });
    await write('shared.ts', `export const shared: string = 'two';`);
    await bothRebuilt.promise;
    expect(rebuilt.sort()).toEqual(['verifier', 'worker']);
    expect(await readProgram('verifier')).toContain(`shared = "two"`);
    await stop();
  });
});
