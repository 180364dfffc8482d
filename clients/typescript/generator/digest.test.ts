import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { addDigest, areTypesCurrent } from './digest.ts';

const read = (file: string) => readFile(path.join(import.meta.dirname, '..', file), 'utf8');

describe('generated types', () => {
  it('are current: if not, run `npm run generate:client`', async () => {
    expect(areTypesCurrent(await read('openapi.json'), await read('api-paths.ts'))).toBe(true);
  });

  it.each([
    ['the document changes', '{"a":2}', (file: string) => file],
    ['the types are edited', '{"a":1}', (file: string) => file.replace('string', 'number')],
    ['the first line is missing', '{"a":1}', (file: string) => file.slice(file.indexOf('\n') + 1)],
  ])('are not current if %s', (_, document, edit) => {
    const file = addDigest('{"a":1}', 'type A = string;\n');
    expect(areTypesCurrent('{"a":1}', file)).toBe(true);
    expect(areTypesCurrent(document, edit(file))).toBe(false);
  });
});
