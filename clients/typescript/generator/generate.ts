import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { installPackages } from '../../../scripts/checkout.ts';
import { addDigest } from './digest.ts';

// Generates the types of the management API from its OpenAPI document, which is first replaced if a URL or file is given:
// npm run generate:client -- http://localhost:3000/api/v1/openapi.json
const FOLDER = path.join(import.meta.dirname, '..');
const DOCUMENT = path.join(FOLDER, 'openapi.json');
const TYPES = path.join(FOLDER, 'api-paths.ts');

async function readSource(source: string): Promise<string> {
  if (!/^https?:/.test(source)) return readFile(source, 'utf8');
  const response = await fetch(source);
  if (!response.ok) throw new Error(`${source} responded with status ${response.status}.`);
  return response.text();
}

const [source] = process.argv.slice(2);
if (source) {
  const document = JSON.parse(await readSource(source));
  await writeFile(DOCUMENT, `${JSON.stringify(document, null, 2)}\n`);
}
await installPackages(import.meta.dirname);
const program = path.join(import.meta.dirname, 'node_modules/openapi-typescript/bin/cli.js');
const options = { cwd: import.meta.dirname, maxBuffer: 10_000_000 };
// A field with a default may be missing from a request.
const flags = ['--default-non-nullable', 'false'];
const { stdout } = await promisify(execFile)(process.execPath, [program, DOCUMENT, ...flags], options);
await writeFile(TYPES, addDigest(await readFile(DOCUMENT, 'utf8'), stdout));
console.log(`Wrote ${path.relative(process.cwd(), TYPES)}.`);
