import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { findFreePort } from '#db/processes.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { submitCode } from '#lib/key-delivery/reveal/submit-code.ts';
import { createTestAccessToken } from '#lib/testing/access-tokens.ts';
import { itInSoak } from '#lib/testing/it-in-soak.ts';
import { atScale } from '#lib/testing/scale.ts';
import {
  type ServiceProcess,
  startService,
  startVerifierProcess,
  type VerifierProcess,
} from '#lib/testing/service-processes.ts';
import { setSmsPolicy } from '#lib/testing/sms.ts';
import { build } from '../scripts/checkout.ts';
import { findProgram } from '../scripts/machine-programs.ts';

const ROOT = path.join(import.meta.dirname, '..');
const PAGE = path.join(ROOT, 'docs/how-to/infrastructure-as-code.md');
/** How many accounts the example creates. */
const ACCOUNTS = atScale({ normal: 12, soak: 1_000 });
/** The example creates all accounts before it follows one. */
const MESSAGES_TIMEOUT_MS = atScale({ normal: 30_000, soak: 600_000 });
const run = promisify(execFile);
/** At normal size, and without Terraform, the tests only run the commands that it would run. */
const terraform = atScale({ normal: undefined, soak: findProgram('terraform') });

let db: TestDatabase;
/** The data folder of the services, and that of the programs. */
let dataFolder: string;
let folder: string;
let web: ServiceProcess;
let worker: ServiceProcess;
let verifier: VerifierProcess;
let env: NodeJS.ProcessEnv;
let tokenId: string;

beforeAll(async () => {
  await build(ROOT);
  db = await createTestDatabase();
  await setSmsPolicy(db.database, { perDay: 100_000, perAccountPerDay: 100 });
  const accessToken = await createTestAccessToken(db.database, [
    'accounts:read',
    'accounts:write',
    'audit:read',
  ]);
  tokenId = accessToken.id;
  dataFolder = await mkdtemp(path.join(tmpdir(), 'stagedoor-programs-'));
  folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-scripts-'));
  const port = String(await findFreePort());
  const services = { STAGEDOOR_DATA: dataFolder, DATABASE_URL: db.url, PORT: port };
  [web, worker, verifier] = await Promise.all([
    startService('web', services),
    startService('worker', services),
    startVerifierProcess({ main: db.url }),
  ]);
  await installPrograms();
  const PATH = `${folder}:${process.env.PATH}`;
  const credentials = { STAGEDOOR_URL: `http://localhost:${port}`, STAGEDOOR_TOKEN: accessToken.token };
  const { NODE_COMPILE_CACHE } = process.env;
  env = { NODE_ENV: 'production', PATH, HOME: folder, NODE_COMPILE_CACHE, POLL_MS: '200', ...credentials };
});

afterAll(async () => {
  await Promise.all([web, worker, verifier].map((service) => service?.stop()));
  await db.drop();
  for (const each of [dataFolder, folder]) await rm(each, { recursive: true, force: true });
});

/** Makes the command `stagedoor` and the package `@stagedoor/client` available, as installing them does. */
async function installPrograms(): Promise<void> {
  const command = path.join(folder, 'stagedoor');
  const program = path.join(ROOT, 'clients/cli/stagedoor.ts');
  await writeFile(command, `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`);
  await chmod(command, 0o755);
  const source = path.join(folder, 'client');
  await mkdir(source);
  const manifest = { name: '@stagedoor/client', type: 'module', exports: './index.ts' };
  await writeFile(path.join(source, 'package.json'), JSON.stringify(manifest));
  const client = JSON.stringify(path.join(ROOT, 'clients/typescript/client.ts'));
  await writeFile(path.join(source, 'index.ts'), `export * from ${client};\n`);
  await mkdir(path.join(folder, 'node_modules/@stagedoor'), { recursive: true });
  await symlink(source, path.join(folder, 'node_modules/@stagedoor/client'));
}

/** Runs a program in the folder of the scripts. @throws if its exit code is not 0 */
const runProgram = (program: string, args: string[], more: Record<string, string> = {}) =>
  run(program, args, { cwd: folder, env: { ...env, ...more } });
const stagedoor = (...args: string[]) => runProgram('stagedoor', args);

type Message = { channel: 'email' | 'sms'; to: string; text: string };

async function listMessages(channel: Message['channel'], to: string): Promise<string[]> {
  const outbox = path.join(dataFolder, 'outbox');
  const names = (await readdir(outbox).catch(() => [])).filter((name) => name.endsWith('.json')).sort();
  const files = await Promise.all(names.map((name) => readFile(path.join(outbox, name), 'utf8')));
  const messages: Message[] = files.map((text) => JSON.parse(text));
  return messages.filter((each) => each.channel === channel && each.to === to).map(({ text }) => text);
}

/** Collects a key, as its integrator does with the nth email and the nth text message. */
async function collectKey(email: string, phone: string, number: number): Promise<string> {
  const wait = { timeout: MESSAGES_TIMEOUT_MS };
  await expect.poll(() => listMessages('email', email), wait).toHaveLength(number);
  await expect.poll(() => listMessages('sms', phone), wait).toHaveLength(number);
  const token = /\/reveal#([\w.~-]+)/.exec((await listMessages('email', email)).at(-1) ?? '')?.[1] ?? '';
  const code = /#(\d{6})$/.exec((await listMessages('sms', phone)).at(-1) ?? '')?.[1] ?? '';
  const result = await submitCode(db.database, { token, code });
  if (!result.ok) throw new Error(result.reason);
  return result.key;
}

/** Sends a request with a key. Returns whether it is the current or the previous key, or the status if it is refused. */
async function verify(key: string): Promise<string | number> {
  const response = await fetch(`http://127.0.0.1:${verifier.port}/verify`, { headers: { 'X-API-Key': key } });
  const body = (await response.json()) as { key?: { status: string } };
  return body.key?.status ?? response.status;
}

const countRows = async (table: string, condition = 'true') =>
  Number((await db.pool.query(`select count(*) from ${table} where ${condition}`)).rows[0]?.count);
/** The next test creates the same usernames. */
const deleteAccounts = () => db.pool.query('truncate api_accounts, deleted_api_accounts cascade');

describe('the example of the client', () => {
  it('gives access, follows a delivery to its first request, rotates the key, exports the audit log and cleans up', async () => {
    const script = path.join(ROOT, 'clients/typescript/example/lifecycle.ts');
    const controller = new AbortController();
    onTestFinished(() => controller.abort());
    const args = [script, String(ACCOUNTS), 'audit.jsonl'];
    const running = run(process.execPath, args, { cwd: folder, env, signal: controller.signal });
    const integrator = async () => {
      const [email, phone] = ['it@company-0.example', '+447400000000'];
      const first = await collectKey(email, phone, 1);
      expect(await verify(first)).toBe('current');
      const second = await collectKey(email, phone, 2);
      expect(await verify(first)).toBe('previous');
      expect(await verify(second)).toBe('current');
      await expect.poll(() => verify(first)).toBe(401);
      return second;
    };
    const [{ stdout }, key] = await Promise.all([running, integrator()]);
    const lines = stdout.trim().split('\n');
    expect(lines[0]).toBe(`Created ${ACCOUNTS} accounts.`);
    // Of the first key, and of the one that replaced it.
    const collected = lines.filter((line) => line === 'Example company 0: API key collected');
    expect(collected).toHaveLength(2);
    expect(lines).toContain('Example company 0: First request with this key');
    expect(lines.at(-1)).toBe(`Deleted ${ACCOUNTS} accounts.`);
    const events = (await readFile(path.join(folder, 'audit.jsonl'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const byToken = events.filter(({ accessToken }) => accessToken?.id === tokenId);
    const count = (action: string) => byToken.filter((event) => event.action === action).length;
    expect([count('api_account.created'), count('api_key.reset')]).toEqual([ACCOUNTS, 1]);
    expect(await countRows('api_accounts')).toBe(0);
    expect(await verify(key)).toBe(401);
  });
});

describe('the command line', () => {
  afterEach(deleteAccounts);

  it('imports accounts once, and follows a delivery to its first request', async () => {
    const rows = ['Imported 1,it@imported-1.example,+447400200001', 'Imported 2,it@imported-2.example,12345'];
    await writeFile(path.join(folder, 'companies.csv'), `username,email,phone\n${rows.join('\n')}\n`);
    const importFile = () =>
      stagedoor('accounts', 'import', 'companies.csv', '--yes', '--json').catch((error) => error);
    for (const expected of [
      { created: 1, existing: 0, failed: 1 },
      { created: 0, existing: 1, failed: 1 },
    ]) {
      const { code, stdout } = await importFile();
      expect([code, JSON.parse(stdout)]).toEqual([9, expect.objectContaining(expected)]);
    }
    expect(await readFile(path.join(folder, 'companies.failed.csv'), 'utf8')).toContain('"phone: ');
    const following = stagedoor('accounts', 'follow', 'imported 1', '--json');
    expect(await verify(await collectKey('it@imported-1.example', '+447400200001', 1))).toBe('current');
    const { stdout } = await following;
    expect(stdout.trim().split('\n').at(-1)).toBe('{"type":"end","result":"first_used"}');
  });
});

describe('docs/how-to/infrastructure-as-code.md', () => {
  /** The files of the page, by name. */
  const files = new Map<string, string>();
  beforeAll(async () => {
    const page = await readFile(PAGE, 'utf8');
    for (const [, , name = '', text = ''] of page.matchAll(
      /^ {3}```(\w+) file=(\S+)\n([\s\S]*?)^ {3}```$/gm,
    )) {
      files.set(name, text.replaceAll(/^ {3}/gm, ''));
      await writeFile(path.join(folder, name), files.get(name) ?? '');
    }
  });
  afterEach(deleteAccounts);

  /** Reads what a change would change: accounts with their versions, and how much the audit log has of the token. */
  const readState = async () =>
    [
      (await db.pool.query('select username, email, version, active from api_accounts order by 1')).rows,
      await countRows('audit_events', 'access_token_id is not null'),
    ] as const;

  it('has a script that creates and updates accounts, and changes nothing in a second run', async () => {
    const apply = async (...args: string[]) =>
      (await runProgram(process.execPath, ['apply-accounts.mjs', ...args])).stdout;
    const created = 'create Northern Lights\ncreate Globe Theatre\n';
    expect(await apply('--plan')).toBe(created);
    expect(await countRows('api_accounts')).toBe(0);
    expect(await apply()).toBe(created);
    const state = await readState();
    expect(await apply()).toBe('');
    expect(await readState()).toEqual(state);
    await stagedoor('accounts', 'update', 'Globe Theatre', '--networks', 'anywhere');
    await stagedoor('accounts', 'deactivate', 'Globe Theatre');
    const [, globe] = JSON.parse(files.get('accounts.json') ?? '');
    const changed = [globe, { ...globe, username: 'Inactive from the start', active: false }];
    await writeFile(path.join(folder, 'accounts.json'), JSON.stringify(changed));
    expect(await apply()).toBe(
      'update Globe Theatre: allowedNetworks, active\nnot in the file: Northern Lights\n',
    );
    expect((await readState())[0].map(({ active }) => active)).toEqual([true, true]);
  });

  itInSoak('has commands for Terraform that do the same', async () => {
    const text = files.get('accounts.tf') ?? '';
    const commands = [...text.matchAll(/command\s+= "(.*)"$/gm)].map(([, command = '']) =>
      JSON.parse(`"${command.replace(/\$\{path\.module\}/, '.')}"`),
    );
    expect(commands).toEqual(['./ensure-account.sh', 'stagedoor accounts deactivate "$ACCOUNT_USERNAME"']);
    const names = [...text.matchAll(/^\s+(ACCOUNT_\w+)\s+=/gm)].map(([, name]) => name);
    const values: Record<string, string> = {
      ACCOUNT_USERNAME: 'Northern Lights',
      ACCOUNT_EMAIL: 'it@northern-lights.example',
      ACCOUNT_PHONE: '+447400123456',
      ACCOUNT_SCOPES: 'all',
    };
    expect(new Set(names)).toEqual(new Set(Object.keys(values)));
    const used = (files.get('ensure-account.sh') ?? '').match(/ACCOUNT_\w+/g);
    expect(new Set(used)).toEqual(new Set(names));
    await chmod(path.join(folder, 'ensure-account.sh'), 0o755);
    // As `local-exec` does.
    const execute = (command: string, changes = {}) =>
      runProgram('/bin/sh', ['-c', command], { ...values, ...changes });
    const [ensure = '', deactivate = ''] = commands;
    await execute(ensure);
    const state = await readState();
    expect(state[0]).toMatchObject([{ username: 'Northern Lights', version: 1, active: true }]);
    await execute(ensure);
    expect(await readState()).toEqual(state);
    await execute(ensure, { ACCOUNT_EMAIL: 'api@northern-lights.example' });
    expect((await readState())[0]).toMatchObject([{ email: 'api@northern-lights.example', version: 2 }]);
    await execute(deactivate);
    expect((await readState())[0]).toMatchObject([{ active: false }]);
    await expect(execute(ensure, { STAGEDOOR_TOKEN: `stagetok${'x'.repeat(56)}` })).rejects.toMatchObject({
      code: 3,
    });
  });

  if (terraform)
    it('has resources that Terraform creates, changes once and removes', async () => {
      const isolated = { CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1', TF_CLI_CONFIG_FILE: '/dev/null' };
      const execute = (...args: string[]) => runProgram(terraform, args, isolated);
      const apply = () => execute('apply', '-auto-approve', '-no-color');
      const writeVariables = (text: string) => writeFile(path.join(folder, 'terraform.tfvars'), text);
      const variables = files.get('terraform.tfvars') ?? '';
      await chmod(path.join(folder, 'ensure-account.sh'), 0o755);
      await execute('fmt', '-check', '-diff');
      await execute('init');
      await apply();
      const state = await readState();
      expect(state[0]).toMatchObject([{ username: 'Northern Lights', version: 1 }]);
      await execute('plan', '-detailed-exitcode');
      await apply();
      expect(await readState()).toEqual(state);
      await writeVariables(variables.replace('it@', 'api@'));
      await apply();
      expect((await readState())[0]).toMatchObject([{ email: 'api@northern-lights.example', active: true }]);
      await writeVariables('accounts = {}\n');
      await apply();
      expect((await readState())[0]).toMatchObject([{ active: false }]);
      const stored = await readFile(path.join(folder, 'terraform.tfstate'), 'utf8');
      expect(stored).not.toContain('stagetok');
    });
});
