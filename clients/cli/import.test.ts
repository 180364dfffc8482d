import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ApiStub, createStubAccount, startApiStub, TOKENS } from '../testing/api-stub.ts';
import { formatCsv, parseCsv, unquoteFormulas } from './csv.ts';
import { run } from './program.ts';
import { createTestTerminal, type TestTerminalOptions } from './testing/test-terminal.ts';

let api: ApiStub;
let folder: string;
/** The imported file, and the one with the rows that failed. */
let file: string;
let failures: string;

beforeEach(async () => {
  api = await startApiStub();
  folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-import-'));
  file = path.join(folder, 'companies.csv');
  failures = path.join(folder, 'companies.failed.csv');
});
afterEach(async () => {
  await api.close();
  await rm(folder, { recursive: true, force: true });
});

/** Imports a file, without questions unless there are answers. */
async function importFile(
  args: string[],
  { options = {}, token = TOKENS.full }: { options?: Partial<TestTerminalOptions>; token?: string } = {},
) {
  const env = { XDG_CONFIG_HOME: folder, HOME: folder, STAGEDOOR_URL: api.url, STAGEDOOR_TOKEN: token };
  const { terminal, written } = createTestTerminal({ env, ...options });
  const code = await run(['accounts', 'import', ...args], terminal);
  return { code, ...written };
}
async function importText(text: string | Uint8Array, ...args: string[]) {
  await writeFile(file, text);
  return importFile([file, '--yes', ...args]);
}

const HEADER = 'username,email,phone\n';
const createRows = (count: number) =>
  Array.from({ length: count }, (_, index) => `Band ${index},it@band-${index}.example,+447400123456\n`).join(
    '',
  );
const listPosts = () => api.requests.filter(({ method }) => method === 'POST');
const listUsernames = () => api.accounts.map(({ username }) => username);

describe('stagedoor accounts import', () => {
  it('creates an account for each row, with the fields of its columns', async () => {
    const { code, output, error } = await importText(
      `\ufeffphone;notes;username;email;requestsPerMinute;scopes;allowedNetworks;expiresAt;phoneConfirmed;;\r\n` +
        `'+44 7400 123456;"First line\nsecond; line";Northern Lights;it@nl.example;600;"orders:read orders:write";"192.0.2.0/24, 2001:db8::/32";2027-01-31T23:59:59Z;yes\r\n` +
        `+4915112345678;;Süd GmbH;it@sued.example;none;all;anywhere;never;\r\n` +
        `;;;;;;;;;;\r\n` +
        `+447400123456;'=1;Band;it@band.example;;;;;no\r\n`,
    );
    expect({ code, output, error }).toEqual({ code: 0, output: 'Created 3 accounts.\n', error: '' });
    expect(listPosts().map(({ body }) => body)).toEqual([
      {
        username: 'Northern Lights',
        email: 'it@nl.example',
        phone: '+44 7400 123456',
        notes: 'First line\nsecond; line',
        requestsPerMinute: 600,
        scopes: ['orders:read', 'orders:write'],
        allowedNetworks: ['192.0.2.0/24', '2001:db8::/32'],
        expiresAt: '2027-01-31T23:59:59Z',
        phoneConfirmed: true,
      },
      {
        username: 'Süd GmbH',
        email: 'it@sued.example',
        phone: '+4915112345678',
        requestsPerMinute: null,
        scopes: null,
        allowedNetworks: null,
        expiresAt: null,
      },
      {
        username: 'Band',
        email: 'it@band.example',
        phone: '+447400123456',
        notes: '=1',
        phoneConfirmed: false,
      },
    ]);
  });

  it('checks all rows before it creates anything, and names rows and columns', async () => {
    const { code, error } = await importText(
      `username,email,phone,requestsPerMinute,expiresAt,phoneConfirmed\n` +
        `Band 1,it@example.com,+447400123456,60,,\n` +
        `,it@example.com,+447400123456,0,2027-01-31,perhaps\n` +
        `\n` +
        `BAND 1,+447400123456,it@example.com,,,,extra\n`,
    );
    expect(code).toBe(6);
    expect(error.trim().split('\n')).toEqual([
      `${file} has errors. Nothing was changed.`,
      'row 3, username: This cell is empty.',
      'row 3, requestsPerMinute: Enter a whole number from 1.',
      'row 3, expiresAt: Enter a time with its zone, such as 2027-01-31T23:59:59Z, or "never".',
      'row 3, phoneConfirmed: Enter true or false.',
      'row 5: This row has more cells than the header.',
      'row 5, email: Enter an email address.',
      'row 5, phone: Enter a mobile number with its country code.',
      'row 5, username: Row 2 has the same username.',
    ]);
    expect(api.requests).toEqual([]);
    const json = JSON.parse((await importFile([file, '--yes', '--json'])).error);
    expect(json.error).toMatchObject({ code: 'invalid_file', exitCode: 6 });
    expect(json.error.errors[0]).toEqual({ row: 3, column: 'username', detail: 'This cell is empty.' });
  });

  it.each([
    ['an unknown column', `${HEADER.trim()},name\n`, 'row 1, name: This column is unknown.'],
    ['control characters', `${HEADER.trim()},\u001b[31m\n`, 'row 1, \ufffd[31m: This column is unknown.'],
    ['a missing column', 'username,email\n', 'row 1, phone: This column is missing.'],
    ['a repeated column', 'username,email,phone,email\n', 'row 1, email: This column occurs twice.'],
    ['no accounts', HEADER, 'row 2: There are no accounts.'],
    ['an empty file', '', 'row 1, username: This column is missing.'],
    ['an open quote', `${HEADER}"Band,x@x,+447400123456\n`, 'row 1: The file isn’t valid CSV.'],
    ['another encoding', Buffer.from(`${HEADER}Süd\n`, 'latin1'), 'row 1: The file isn’t in UTF-8.'],
    ['many errors', `${HEADER}${'x,y,z\n'.repeat(30)}`, '… and'],
  ])('refuses %s', async (_, content, expected) => {
    const { code, error } = await importText(content);
    expect({ code, error }).toEqual({ code: 6, error: expect.stringContaining(expected) });
    expect(error.split('\n').length).toBeLessThan(25);
    expect(api.requests).toEqual([]);
  });

  it('asks a person, and needs --yes in a script', async () => {
    await writeFile(file, HEADER + createRows(2));
    expect((await importFile([file])).code).toBe(2);
    const refused = await importFile([file], { options: { answers: ['n'] } });
    expect(refused).toEqual({
      code: 130,
      output: '',
      error: 'Create up to 2 accounts? Each company gets an email and a text. [y/N] Nothing was changed.\n',
    });
    expect(api.requests).toEqual([]);
    const { code, error } = await importFile([file], { options: { answers: ['y'] } });
    expect(code).toBe(0);
    expect(error).toMatch(/\r░{30} 0 of 2 \r█{15}░{15} 1 of 2 \r█{30} 2 of 2 \n$/);
    expect((await importFile([path.join(folder, 'missing.csv')])).code).toBe(2);
  });

  it('skips usernames that exist, also in another run or with other fields', async () => {
    api.accounts.push(createStubAccount({ username: "Band's 1" }));
    const text = `${HEADER}Band’s  1,it@example.com,+447400123456\nBand 2,it@example.com,+447400123456\n`;
    api.onRequest = ({ body, query }) => {
      // As Stagedoor does.
      const normalize = (typed: string) => typed.replace('’', "'").replace('  ', ' ');
      const fields = body as { username: string } | undefined;
      if (fields) fields.username = normalize(fields.username);
      const search = query.get('search');
      if (search) query.set('search', normalize(search));
    };
    expect((await importText(text)).output).toBe(
      'Created 1 account.\nSkipped 1 account that exists already.\n',
    );
    const again = await importText(text, '--json');
    expect(again.code).toBe(0);
    expect(JSON.parse(again.output)).toMatchObject({
      created: 0,
      existing: 2,
      failed: 0,
      rows: [
        { row: 2, username: 'Band’s  1', result: 'exists', id: api.accounts[0]?.id },
        { row: 3, username: 'Band 2', result: 'exists', id: api.accounts[1]?.id },
      ],
    });
    expect((await importText(text.replaceAll('it@', 'api@'))).output).toBe(
      'Skipped 2 accounts that exist already.\n',
    );
    expect(api.accounts).toHaveLength(2);
  });

  it('writes the rows that Stagedoor refused to a file, which can be corrected and imported', async () => {
    const { code, output, error } = await importText(
      `username,email,phone,notes\n` +
        `Band 1,it@example.com,+447400123456,\n` +
        `Band 2,it@example.com,0 12 34 56,"a;=1, ""b"""\n` +
        `=Band 3,it@example.com,0 12 34 56,@x\n`,
    );
    expect({ code, output }).toEqual({
      code: 9,
      output: `Created 1 account.\n2 rows failed: see ${failures}.\n`,
    });
    expect(error).toBe(`Some rows failed. Correct ${failures}, and import it.\n`);
    expect((await stat(failures)).mode & 0o777).toBe(0o600);
    const written = await readFile(failures, 'utf8');
    expect(written).toBe(
      '\ufeff"username","email","phone","notes","error"\r\n' +
        `"Band 2","it@example.com","0 12 34 56","a;'=1, ""b""","phone: Enter a mobile number."\r\n` +
        `"'=Band 3","it@example.com","0 12 34 56","'@x","phone: Enter a mobile number."\r\n`,
    );
    await importText(written.replaceAll('"0 12', '"+44 12'));
    expect(listUsernames()).toEqual(['Band 1', 'Band 2', '=Band 3']);
    expect(api.accounts[1]?.notes).toBe('a;=1, "b"');
    expect(api.accounts[2]?.notes).toBe('@x');
  });

  it('says that an account of an earlier run was deleted since', async () => {
    await importText(HEADER + createRows(1));
    api.accounts.pop();
    const other = path.join(folder, 'other.csv');
    const { code } = await importFile([file, '--yes', '--failures', other]);
    expect(code).toBe(9);
    expect(await readFile(other, 'utf8')).toContain('it was deleted since');
  });

  it('waits as Retry-After says', async () => {
    let count = 0;
    api.onRequest = () => {
      count += 1;
      if (count === 2 || count === 3) api.failNextWith(429, 'too_many_requests', { 'Retry-After': '0' });
    };
    const { code, output } = await importText(HEADER + createRows(2));
    expect({ code, output }).toEqual({ code: 0, output: 'Created 2 accounts.\n' });
    const keys = listPosts().map(({ headers }) => headers['idempotency-key']);
    expect(keys).toEqual([keys[0], keys[1], keys[1], keys[1]]);
    expect(keys[0]).not.toBe(keys[1]);
  });

  it.each([
    ['a revoked token', 401, 'invalid_token', 3],
    ['a server error', 500, 'unavailable', 7],
  ])('stops for %s, and continues in the next run', async (_, status, code, exitCode) => {
    let count = 0;
    api.onRequest = () => {
      count += 1;
      if (count === 3) api.failNextWith(status, code);
    };
    const stopped = await importText(HEADER + createRows(4));
    expect(stopped).toMatchObject({ code: exitCode, output: 'Created 2 accounts.\n2 rows not tried.\n' });
    expect(stopped.error).toContain('Run the same command again to continue');
    expect((await importFile([file, '--yes'])).output).toBe(
      'Created 2 accounts.\nSkipped 2 accounts that exist already.\n',
    );
    expect(listUsernames()).toEqual(['Band 0', 'Band 1', 'Band 2', 'Band 3']);
  });

  it('stops on Ctrl-C, and creates nothing twice in the next run although a response was lost', async () => {
    await writeFile(file, HEADER + createRows(4));
    const interrupt = new AbortController();
    const { InterruptedError } = await import('./terminal.ts');
    let count = 0;
    api.onRequest = () => {
      count += 1;
      // The account is created, but the response does not arrive.
      if (count === 3) interrupt.abort(new InterruptedError());
    };
    const stopped = await importFile([file, '--yes'], { options: { interrupt } });
    expect(stopped).toEqual({
      code: 130,
      output: 'Created 2 accounts.\n2 rows not tried.\n',
      error: 'Cancelled. Run the same command again to continue: what was created is skipped.\n',
    });
    await vi.waitFor(() => expect(api.accounts).toHaveLength(3));
    expect((await importFile([file, '--yes'])).output).toBe(
      'Created 1 account.\nSkipped 3 accounts that exist already.\n',
    );
    expect(listUsernames()).toEqual(['Band 0', 'Band 1', 'Band 2', 'Band 3']);
  });

  it('changes nothing with --dry-run', async () => {
    await importText(HEADER + createRows(1));
    const { code, output } = await importText(HEADER + createRows(3), '--dry-run');
    expect({ code, output }).toEqual({
      code: 0,
      output: 'Would create 2 accounts.\nSkipped 1 account that exists already.\n',
    });
    expect(listPosts()).toHaveLength(1);
    const json = JSON.parse((await importFile([file, '--dry-run', '--json'])).output);
    expect(json).toMatchObject({ wouldCreate: 2, existing: 1, created: 0, failuresFile: null });
  });
});

describe('formatCsv', () => {
  it.each(['=1+1', '+447400', '-1', '@x', '\tx', 'a;=1', 'a,"@b', "'=1", '＝1', 'a\n-b', 'plain', ''])(
    'defuses %j as a formula, and is undone by unquoteFormulas',
    (cell) => {
      const text = formatCsv([['first', cell]]);
      for (const separator of [',', ';', '\t', '\n'])
        for (const part of text.split(separator)) expect(part).not.toMatch(/^"*[=+\-@\t＝]/);
      // An apostrophe that was there before is not distinguished.
      const expected = cell.replace(/^'(?==)/, '');
      expect(parseCsv(Buffer.from(text))[0]?.map(unquoteFormulas)).toEqual(['first', expected]);
    },
  );
});
