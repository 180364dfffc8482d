import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateKey } from '#lib/api-keys/api-key.ts';
import { KEY_TAG } from '#lib/testing/verifier.ts';
import { type Credential, readCredential } from '#lib/verifier/credentials.ts';
import { findProgram } from '../../scripts/machine-programs.ts';
import { buildEnvFile } from './env-file.ts';
import { buildSnippet, type Language } from './snippets.ts';

const run = promisify(execFile);

/** With everything that usernames may contain and that some language treats in a special way. */
const USERNAMES = [
  'O\'Brien "& Sons" (UK) #1 $HOME $(id) `id` !! {$x}',
  String.raw`C\new\t\' {0} %s %20 <?php ?> Théâtre d’Or 例 🎭`,
];
const KEY = generateKey(KEY_TAG);

/** Runs a single file since .NET 10. */
function findDotnet(): string | undefined {
  const program = findProgram('dotnet');
  if (!program) return undefined;
  const version = execFileSync(program, ['--version'], { encoding: 'utf8' });
  return Number.parseInt(version, 10) >= 10 ? program : undefined;
}

/** How each language runs a file. `program`: undefined if it is not on this machine. */
const RUNNERS: { language: Language; program: string | undefined; file: string; args?: string[] }[] = [
  { language: 'curl', program: findProgram('curl') && '/bin/sh', file: 'request.sh' },
  { language: 'JavaScript', program: process.execPath, file: 'request.mjs' },
  { language: 'Python', program: findProgram('python3'), file: 'request.py' },
  { language: 'PHP', program: findProgram('php'), file: 'request.php' },
  { language: 'C#', program: findDotnet(), file: 'request.cs', args: ['run'] },
];

const MISSING = RUNNERS.filter(({ program }) => !program).map(({ language }) => language);
if (MISSING.length > 0)
  process.stdout.write(`Not on this machine, so their snippets are not run: ${MISSING.join(', ')}\n`);

let folder: string;
let server: Server;
let baseUrl: string;
const received: (Credential | null)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-snippets-'));
  server = createServer((request, response) => {
    received.push(readCredential(request.rawHeaders, KEY_TAG));
    response.end(`hello from ${request.url}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/it's/$HOME`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

for (const { language, program = '', file, args = [] } of RUNNERS) {
  describe.skipIf(!program)(`${language} snippet`, () => {
    it.each(USERNAMES)('sends the username %s and the key of the environment variable', async (username) => {
      const script = path.join(folder, file);
      await writeFile(script, buildSnippet(language, { username, baseUrl }));
      received.length = 0;
      const { stdout } = await run(program, [...args, script], { env: { ...process.env, API_KEY: KEY } });
      expect(stdout).toContain('200');
      expect(stdout).toContain("hello from /v1/it's/$HOME");
      expect(received).toEqual([{ username, key: KEY }]);
    });
  });
}

describe('.env file', () => {
  const values = { organisation: 'Northwind', key: KEY, baseUrl: 'https://api.example.org/' };
  const print = 'printf "%s\\n%s\\n%s" "$API_BASE_URL" "$API_USERNAME" "$API_KEY"';

  it.each(USERNAMES)('sets the variables in a shell for the username %s', async (username) => {
    const file = path.join(folder, 'shell.env');
    await writeFile(file, buildEnvFile({ ...values, username }));
    const { stdout } = await run('/bin/sh', ['-c', `. "${file}"; ${print}`]);
    expect(stdout.split('\n')).toEqual([values.baseUrl, username, KEY]);
  });
});
