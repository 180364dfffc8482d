import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ApiStub, createStubAccount, startApiStub, TOKENS } from '../testing/api-stub.ts';
import { findConfigFile } from './credentials.ts';
import { run, VERSION } from './program.ts';
import { createTestTerminal } from './testing/test-terminal.ts';

let api: ApiStub;
let folder: string;
let env: Record<string, string | undefined>;
/** What a person types: each answer once. */
let answers: string[];
let opened: string[];

beforeEach(async () => {
  api = await startApiStub();
  folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-cli-'));
  env = { XDG_CONFIG_HOME: folder, HOME: folder, STAGEDOOR_URL: api.url, STAGEDOOR_TOKEN: TOKENS.full };
  answers = [];
  opened = [];
});
afterEach(async () => {
  await api.close();
  await rm(folder, { recursive: true, force: true });
});

type Result = { code: number; output: string; error: string };

/** Runs a command as a script does, or as a person at a terminal does if there are answers. */
async function stagedoor(...args: string[]): Promise<Result> {
  const { terminal, written } = createTestTerminal({ env, answers, opened });
  const code = await run(args, terminal);
  return { code, ...written };
}

const NEW_ACCOUNT = ['--username', 'New', '--email', 'new@example.com', '--phone', '+447400123456'];

describe('stagedoor login', () => {
  beforeEach(() => {
    env = { XDG_CONFIG_HOME: folder, HOME: folder };
  });

  it('stores the address and the token for later commands, in a file that only the user can read', async () => {
    answers = [TOKENS.full];
    const { code, output, error } = await stagedoor('login', `${api.url}/settings`);
    expect({ code, output }).toEqual({
      code: 0,
      output: `Signed in to ${api.url}. The access token is in ${findConfigFile(env)}.\n`,
    });
    expect(error).toContain(`${api.url}/settings/access-tokens`);
    const file = findConfigFile(env);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(path.dirname(file))).mode & 0o777).toBe(0o700);
    expect((await stagedoor('accounts', 'list')).code).toBe(0);
    expect(api.requests.at(-1)?.headers.authorization).toBe(`Bearer ${TOKENS.full}`);
  });

  it('replaces a file that others can read', async () => {
    env.INPUT = `${TOKENS.auditOnly}\n`;
    await stagedoor('login', api.url);
    await writeFile(findConfigFile(env), '{}');
    await chmod(findConfigFile(env), 0o644);
    await stagedoor('login', api.url);
    expect((await stat(findConfigFile(env))).mode & 0o777).toBe(0o600);
  });

  it.each([
    ['a revoked token', `stagetok${'X'.repeat(56)}`, 3],
    ['an API key instead of a token', `stagekey${'F'.repeat(56)}`, 2],
    ['nothing', '', 2],
  ])('stores nothing for %s', async (_, token, expected) => {
    env.INPUT = token;
    expect((await stagedoor('login', api.url)).code).toBe(expected);
    await expect(readFile(findConfigFile(env))).rejects.toThrow('ENOENT');
  });

  it.each([
    ['http://keys.example.com', 'Use https for keys.example.com'],
    ['ftp://keys.example.com', "isn't an address"],
    ['https://', "isn't an address"],
  ])('refuses the address %s', async (address, reason) => {
    const { code, error } = await stagedoor('login', address);
    expect({ code, error }).toEqual({ code: 2, error: expect.stringContaining(reason) });
    expect(api.requests).toEqual([]);
  });

  it('does not send the stored token to another address', async () => {
    env.INPUT = TOKENS.full;
    await stagedoor('login', api.url);
    const before = api.requests.length;
    env.STAGEDOOR_URL = api.url.replace('127.0.0.1', 'localhost');
    const { code, error } = await stagedoor('accounts', 'list');
    expect({ code, error }).toEqual({ code: 2, error: expect.stringContaining("You aren't signed in to") });
    expect(api.requests).toHaveLength(before);
  });

  it('is undone by `stagedoor logout`', async () => {
    env.INPUT = TOKENS.full;
    await stagedoor('login', api.url);
    expect(await stagedoor('logout')).toEqual({ code: 0, output: 'Signed out.\n', error: '' });
    expect(await stagedoor('accounts', 'list')).toMatchObject({ code: 2, output: '' });
  });
});

describe('stagedoor accounts list', () => {
  it('prints a table, whose cells cannot control the terminal', async () => {
    api.accounts.push(
      createStubAccount({ username: 'Théâtre 劇場' }),
      createStubAccount({
        username: 'Red\u001b[31m\u202e',
        lastUsedAt: '2026-11-30T10:00:00Z',
        status: 'active',
      }),
    );
    const { code, output } = await stagedoor('accounts', 'list');
    expect(code).toBe(0);
    const lines = output.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^Username +Email address +Phone number +Status +Last used$/);
    expect(lines[1]).toMatch(/^Théâtre 劇場 +it@example\.com +\+447400123456 +awaiting collection +never$/);
    expect(lines[2]).toMatch(/^Red�\[31m� +.* +active +30 Nov 2026/);
    expect(lines).toHaveLength(3);
  });

  it('prints all pages as JSON, with the filters', async () => {
    for (let index = 0; index < 5; index += 1)
      api.accounts.push(createStubAccount({ username: `Band ${index}` }));
    api.accounts.push(createStubAccount({ username: 'Other' }));
    const { output } = await stagedoor('accounts', 'list', '--search', 'band', '--json');
    expect(JSON.parse(output)).toEqual(api.accounts.slice(0, 5));
    const none = await stagedoor('accounts', 'list', '--status', 'expired', '--json');
    expect(none).toEqual({ code: 0, output: '[]\n', error: '' });
  });

  it('says that there are more than the limit', async () => {
    for (let index = 0; index < 3; index += 1)
      api.accounts.push(createStubAccount({ username: `Band ${index}` }));
    const limited = await stagedoor('accounts', 'list', '--limit', '2', '--json');
    expect(JSON.parse(limited.output)).toHaveLength(2);
    expect(limited.error).toBe('There are more than 2. Add --all or a higher --limit.\n');
    expect(await stagedoor('accounts', 'list', '--limit', '3')).toMatchObject({ error: '' });
    const all = await stagedoor('accounts', 'list', '--limit', '1', '--all', '--json');
    expect(JSON.parse(all.output)).toHaveLength(3);
  });
});

describe('stagedoor accounts get', () => {
  it('finds an account by its id, and by its whole username in lower case, on any page', async () => {
    for (const username of ['Band 10', 'Band 11', 'Band 1'])
      api.accounts.push(createStubAccount({ username }));
    const account = api.accounts[2];
    for (const typed of ['band 1', account?.id ?? '']) {
      const { output } = await stagedoor('accounts', 'get', typed, '--json');
      expect(JSON.parse(output)).toEqual(account);
    }
    expect((await stagedoor('accounts', 'get', 'band 1')).output).toMatch(
      /^Username {13}Band 1\nId {19}[0-9a-f-]{36}\n/,
    );
  });

  it('exits with 4 and suggestions if there is none', async () => {
    api.accounts.push(createStubAccount({ username: 'Band 10' }));
    expect(await stagedoor('accounts', 'get', 'band')).toEqual({
      code: 4,
      output: '',
      error: 'No account has the username "band". Did you mean one of these? Band 10\n',
    });
    expect((await stagedoor('accounts', 'get', '0199a0b0-0000-7000-8000-000000000000')).code).toBe(4);
  });
});

describe('stagedoor accounts create', () => {
  it('creates an account, with what limits it', async () => {
    const limits = [
      ...['--scopes', 'orders:read, orders:write', '--networks', '192.0.2.0/24', '--notes', 'x'],
      ...['--expires', '2027-01-31T23:59:59+01:00', '--requests-per-minute', '60'],
    ];
    const { code, output } = await stagedoor('accounts', 'create', ...NEW_ACCOUNT, ...limits);
    expect(code).toBe(0);
    expect(output).toMatch(
      /^Created New\. The link goes to new@example\.com, and the code to \+447400123456\.\n/,
    );
    expect(api.requests.at(-1)?.body).toEqual({
      username: 'New',
      email: 'new@example.com',
      phone: '+447400123456',
      scopes: ['orders:read', 'orders:write'],
      allowedNetworks: ['192.0.2.0/24'],
      expiresAt: '2027-01-31T23:59:59+01:00',
      requestsPerMinute: 60,
      notes: 'x',
    });
  });

  it('creates only one account with the same idempotency key', async () => {
    for (let count = 0; count < 2; count += 1)
      expect(
        (await stagedoor('accounts', 'create', ...NEW_ACCOUNT, '--idempotency-key', 'order-7', '--json'))
          .code,
      ).toBe(0);
    expect(api.accounts).toHaveLength(1);
  });

  it('exits with 6, and names the fields that Stagedoor refused', async () => {
    const args = ['accounts', 'create', ...NEW_ACCOUNT.slice(0, -1), '0123'];
    expect(await stagedoor(...args)).toEqual({
      code: 6,
      output: '',
      error: 'Title of invalid\nphone: Enter a mobile number.\nRequest: request-1\n',
    });
    const { error } = await stagedoor(...args, '--json');
    expect(JSON.parse(error)).toMatchObject({
      error: { code: 'invalid', exitCode: 6, requestId: 'request-1', errors: [{ pointer: '#/phone' }] },
    });
  });

  it.each([
    ['--expires', '2027-01-31', 'Enter a time with its zone'],
    ['--expires', '2027-13-31T00:00:00Z', 'Enter a time with its zone'],
  ])('refuses %s %s', async (option, value, reason) => {
    const { code, error } = await stagedoor('accounts', 'create', ...NEW_ACCOUNT, option, value);
    expect({ code, error }).toEqual({ code: 2, error: expect.stringContaining(reason) });
    expect(api.requests).toEqual([]);
  });
});

describe('stagedoor accounts update', () => {
  it('changes only what was given, if the account has not changed since it was read', async () => {
    api.accounts.push(createStubAccount({ username: 'Band', version: 7 }));
    const limits = [
      '--requests-per-minute',
      'none',
      '--scopes',
      'all',
      '--networks',
      'anywhere',
      '--expires',
      'never',
    ];
    expect((await stagedoor('accounts', 'update', 'Band', ...limits)).code).toBe(0);
    expect(api.requests.at(-1)).toMatchObject({ method: 'PATCH', headers: { 'if-match': '"7"' } });
    expect(api.requests.at(-1)?.body).toEqual({
      requestsPerMinute: null,
      scopes: null,
      allowedNetworks: null,
      expiresAt: null,
    });
    await stagedoor('accounts', 'update', 'Band', '--notes', '');
    expect(api.requests.at(-1)?.body).toEqual({ notes: '' });
  });

  it('exits with 2 if nothing is to change, and with 5 if another administrator was faster', async () => {
    const account = createStubAccount({ username: 'Band' });
    api.accounts.push(account);
    expect((await stagedoor('accounts', 'update', 'Band')).code).toBe(2);
    Object.defineProperty(account, 'version', { get: () => Math.random() });
    const { code, error } = await stagedoor('accounts', 'update', 'Band', '--notes', 'x');
    expect({ code, error }).toEqual({
      code: 5,
      error: expect.stringContaining('Look at it, and try again.'),
    });
  });
});

describe('stagedoor accounts deactivate and activate', () => {
  it('change the state, and nothing if it is right already', async () => {
    api.accounts.push(createStubAccount({ username: 'Band' }));
    expect((await stagedoor('accounts', 'deactivate', 'Band')).output).toBe('Band is inactive.\n');
    expect(api.accounts[0]).toMatchObject({ active: false, version: 2 });
    await stagedoor('accounts', 'deactivate', 'Band');
    expect(api.accounts[0]).toMatchObject({ active: false, version: 2 });
    const { output } = await stagedoor('accounts', 'activate', 'Band', '--json');
    expect(JSON.parse(output)).toMatchObject({ active: true, version: 3 });
  });
});

describe('stagedoor accounts reset', () => {
  it.each([
    [[], 'immediately', 'stops working immediately'],
    [['--old-key', 'on-collection'], 'on_collection', 'works until the new one is collected'],
    [['--old-key', 'on-first-use'], 'on_first_use', 'works until the new one is first used'],
    [['--old-key', '24h'], { hours: 24 }, 'works for another 24 h'],
  ])('sends when the old key ends: %j', async (options, oldKey, effect) => {
    api.accounts.push(createStubAccount({ username: 'Band' }));
    const { code, output } = await stagedoor('accounts', 'reset', 'Band', '--yes', ...options);
    expect({ code, output }).toEqual({
      code: 0,
      output: `Reset the API key of Band. The old key ${effect}.\n`,
    });
    expect(api.requests.at(-1)).toMatchObject({ method: 'POST', body: { oldKey } });
  });

  it.each(['0h', '169h', '24', 'later'])('refuses --old-key %s', async (value) => {
    expect((await stagedoor('accounts', 'reset', 'Band', '--yes', '--old-key', value)).code).toBe(2);
  });

  it('asks a person, and does nothing unless the answer is yes', async () => {
    api.accounts.push(createStubAccount({ username: 'Band' }));
    const countResets = () => api.requests.filter(({ method }) => method === 'POST').length;
    answers = ['n'];
    expect(await stagedoor('accounts', 'reset', 'Band')).toEqual({
      code: 130,
      output: '',
      error: 'Reset the API key of Band? The old key stops working immediately. [y/N] Nothing was changed.\n',
    });
    expect((await stagedoor('accounts', 'reset', 'Band')).code).toBe(2);
    expect(countResets()).toBe(0);
    answers = ['yes'];
    expect((await stagedoor('accounts', 'reset', 'Band')).code).toBe(0);
    expect(countResets()).toBe(1);
  });
});

describe('stagedoor accounts delete', () => {
  it('needs the username, or --yes', async () => {
    api.accounts.push(createStubAccount({ username: 'Band' }), createStubAccount({ username: 'Other' }));
    expect((await stagedoor('accounts', 'delete', 'Band')).code).toBe(2);
    answers = ['y'];
    expect((await stagedoor('accounts', 'delete', 'Band')).code).toBe(130);
    expect(api.accounts).toHaveLength(2);
    answers = ['band'];
    expect((await stagedoor('accounts', 'delete', 'Band')).output).toBe('Deleted Band.\n');
    expect((await stagedoor('accounts', 'delete', 'Other', '--yes')).code).toBe(0);
    expect(api.accounts).toEqual([]);
  });
});

describe('stagedoor audit export', () => {
  it('writes all events as JSON Lines, and shows progress to a person only', async () => {
    for (let index = 0; index < 5; index += 1)
      api.auditEvents.push({ id: `${index}`, action: 'api_key.reset' });
    const { output, error } = await stagedoor('audit', 'export');
    expect(
      output
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(api.auditEvents);
    expect(error).toBe('');
    answers = ['unused'];
    expect((await stagedoor('audit', 'export')).error).toBe('\r5 events\n');
  });

  it('filters as the options say', async () => {
    api.auditEvents.push({ id: '1', action: 'api_key.reset' }, { id: '2', action: 'sign_in.failed' });
    const filter = {
      ...{ action: 'api_key.reset', account: 'Band', by: 'none', outcome: 'done', from: '2027-01-01' },
      ...{ to: '2027-01-31', search: '192.0.2.', user: '019ac0de-7a3c-7d4e-9f61-2f5b6d0c8e11' },
    };
    const options = Object.entries(filter).flatMap(([name, value]) => [`--${name}`, value]);
    const { output } = await stagedoor('audit', 'export', ...options, '--json');
    expect(JSON.parse(output)).toEqual(api.auditEvents[0]);
    expect(Object.fromEntries(api.requests[0]?.query ?? [])).toEqual({ ...filter, limit: '200' });
    expect((await stagedoor('audit', 'export', '--outcome', 'all')).code).toBe(2);
  });
});

describe('stagedoor open', () => {
  it('prints the address of the list or of an account, and opens it for a person', async () => {
    api.accounts.push(createStubAccount({ username: 'Band' }));
    const page = `${api.url}/settings/users/api-accounts`;
    expect((await stagedoor('open')).output).toBe(`${page}\n`);
    expect(opened).toEqual([]);
    answers = ['unused'];
    await stagedoor('open', 'band');
    await stagedoor('open', 'band', '--print');
    expect(opened).toEqual([`${page}/${api.accounts[0]?.id}`]);
  });
});

describe('stagedoor', () => {
  it.each([
    [401, 'invalid_token', 3, 'stagedoor login'],
    [403, 'insufficient_scope', 3, 'accounts:read'],
    [404, 'not_found', 4, 'Title of not_found'],
    [409, 'not_in_progress', 5, 'Title of not_in_progress'],
    [500, 'x', 7, 'Title of x'],
    [418, 'x', 1, 'Title of x'],
  ])('exits for status %i and code %s with %i', async (status, code, exitCode, text) => {
    api.failNextWith(status, code);
    expect(await stagedoor('accounts', 'list')).toEqual({
      code: exitCode,
      output: '',
      error: expect.stringContaining(text),
    });
  });

  it('exits with 7 if Stagedoor cannot be reached, without the token in the message', async () => {
    env.STAGEDOOR_URL = 'http://127.0.0.1:1';
    // Without jitter that waits: the client tries three times.
    vi.spyOn(Math, 'random').mockReturnValue(-1);
    const { code, error } = await stagedoor('accounts', 'list', '--json');
    expect(code).toBe(7);
    expect(JSON.parse(error).error).toMatchObject({ exitCode: 7, code: 'command_failed' });
    expect(error).not.toContain(TOKENS.full);
  });

  it('has its exit codes, an example and --json in the help of each command', async () => {
    const { code, output } = await stagedoor('--help');
    expect(code).toBe(0);
    expect(output).toContain('Exit codes:');
    const names = [
      ...['list', 'get', 'create', 'import', 'follow', 'update', 'reset', 'deactivate', 'activate', 'delete'],
    ];
    for (const name of names) {
      const help = (await stagedoor('accounts', name, '--help')).output;
      expect(help, name).toMatch(/--json[\s\S]*Examples:\n {2}stagedoor accounts /);
    }
    expect((await stagedoor('audit', 'export', '--help')).output).toContain('Examples:');
  });

  it('exits with 2 for an unknown command, an unknown option and a missing argument', async () => {
    for (const args of [
      ['account'],
      ['accounts', 'list', '--sort'],
      ['accounts', 'get'],
      ['accounts', 'create'],
      [],
    ])
      expect((await stagedoor(...args)).code, args.join(' ')).toBe(2);
    expect((await stagedoor('accounts', 'remove')).error).toContain('unknown command');
    expect(await stagedoor('--version')).toEqual({ code: 0, output: `${VERSION}\n`, error: '' });
    const manifest = await readFile(path.join(import.meta.dirname, 'package.json'), 'utf8');
    expect(JSON.parse(manifest).version).toBe(VERSION);
  });
});

describe('completion', () => {
  let lines: string[];
  beforeEach(() => {
    lines = [];
    vi.spyOn(console, 'log').mockImplementation((line) => lines.push(line));
  });
  const listValues = () => lines.flatMap((line) => (line.startsWith(':') ? [] : [line.split('\t')[0]]));

  it.each([
    [['acc'], ['accounts']],
    [
      ['accounts', 'de'],
      ['deactivate', 'delete'],
    ],
    [
      ['accounts', 'list', '--s'],
      ['--search', '--status'],
    ],
    [['accounts', 'list', '--status', 'del'], ['delivery_failed']],
  ])('of %j is %j', async (words, expected) => {
    expect((await stagedoor('complete', '--', ...words)).code).toBe(0);
    expect(listValues().sort()).toEqual(expected);
  });

  it.each(['bash', 'zsh', 'fish'])('has a script for %s, which asks the program for words', async (shell) => {
    expect((await stagedoor('completion', shell)).code).toBe(0);
    expect(lines.join('\n')).toMatch(/stagedoor complete --|complete --/);
  });
});
