import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { weighScripts } from './page-weight.ts';

const CODE = {
  'a.js': 'console.log("a");',
  'b-1.js': 'console.log("b");'.repeat(9),
  'polyfill.js': 'x'.repeat(99),
};
const HTML = `<script src="/_next/static/chunks/a.js" async=""></script>
<script src="/_next/static/chunks/polyfill.js" noModule=""></script>
<script>self.__next_f.push([1,"2:I[1,[\\"/_next/static/chunks/a.js\\",\\"/_next/static/chunks/b-1.js\\"]]"])</script>`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-weight-'));
  await mkdir(path.join(folder, 'static/chunks'), { recursive: true });
  for (const [name, code] of Object.entries(CODE))
    await writeFile(path.join(folder, 'static/chunks', name), code);
});
afterAll(() => rm(folder, { recursive: true }));

describe('weighScripts', () => {
  it('counts each script once, also those of client components, but no polyfills', async () => {
    const expected = gzipSync(CODE['a.js']).length + gzipSync(CODE['b-1.js']).length;
    expect(await weighScripts(HTML, folder)).toBe(expected);
  });
});
