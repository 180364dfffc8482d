import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { verifyAuditLog } from '#lib/audit/verify.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { createTestAccount, createTestAdministrator } from '#lib/testing/accounts.ts';
import { atScale } from '#lib/testing/scale.ts';
import { setQueuedSmsCount, setSmsPolicy } from '#lib/testing/sms.ts';
import { IMPORT_PART_BYTES, MAX_IMPORT_ROWS } from './limits.ts';
import { exportBulkJobItems, listBulkJobItems, readBulkJob } from './read.ts';
import { runBulkJob } from './run.ts';
import type { BulkJobView, ImportMode } from './schema.ts';
import { cancelBulkJob, startImport } from './start.ts';
import { beginImport, finishUpload, storeImportPart } from './upload.ts';

/** Rows of the large import, and how many of them have an error. */
const ROWS = atScale({ normal: 40, soak: 50_000 });
const INVALID_ROWS = ROWS / 10 > 500 ? 500 : 4;
/** Rows of an import whose accounts are created in one transaction. */
const ROWS_TOGETHER = atScale({ normal: 40, soak: 2_000 });
/** Splits rows, and characters of several bytes. */
const PART_BYTES = atScale({ normal: 101, soak: IMPORT_PART_BYTES });

let db: TestDatabase;
let administrator: Administrator;

beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
  await setSmsPolicy(db.database, { perDay: 100_000 });
});
beforeEach(() => setQueuedSmsCount(db.database, 0));
afterAll(() => db.drop());

/** Uploads a file as a browser does. @returns the id of the import */
async function upload(content: string | Buffer, partBytes = PART_BYTES): Promise<string> {
  const { id } = await beginImport(db.database, administrator, { id: randomUUID() });
  const bytes = Buffer.from(content as string);
  const parts = Math.ceil(bytes.length / partBytes);
  for (let part = 0; part < parts; part += 1) {
    const piece = bytes.subarray(part * partBytes, (part + 1) * partBytes);
    const content = piece.toString('base64');
    expect(await storeImportPart(db.database, administrator, { id, part, content })).toBe(true);
  }
  expect(await finishUpload(db.database, administrator, { id, parts })).toEqual({ ok: true });
  return id;
}

/** Runs a job as the queue does, until it needs nothing more. */
async function run(id: string): Promise<BulkJobView> {
  const { signal } = new AbortController();
  let delay: number | null;
  do delay = await runBulkJob(db.database, id, signal);
  while (
    // A job that waits for the daily limit of texts would do so indefinitely.
    delay !== null &&
    delay < 60
  );
  const job = await readBulkJob(db.database, administrator, { id });
  if (!job) throw new Error('no job');
  return job;
}

async function uploadAndCheck(content: string | Buffer, partBytes?: number): Promise<BulkJobView> {
  return run(await upload(content, partBytes));
}

async function start(id: string, mode: ImportMode): Promise<BulkJobView> {
  expect(await startImport(db.database, administrator, { id, mode })).toEqual({ ok: true });
  return run(id);
}

/** Reads the errors of the items of a job, as "row column: detail". */
async function readErrors(id: string): Promise<string[]> {
  const query = { id, view: 'problems', after: 0 } as const;
  const { items } = await listBulkJobItems(db.database, administrator, query);
  return items.flatMap(({ position, errors }) =>
    errors.map(({ column, detail }) => `${position} ${column}: ${detail}`),
  );
}

async function count(text: string, values: unknown[] = []): Promise<number> {
  const { rows } = await db.pool.query(`select count(*)::int as count ${text}`, values);
  return rows[0].count;
}
const countAccounts = (prefix: string) => count('from api_accounts where username like $1', [`${prefix}%`]);
const countEvents = (action: string, prefix: string) =>
  count(
    `from audit_events e join api_accounts a on a.id = e.account_id where e.action = $1 and a.username like $2`,
    [action, `${prefix}%`],
  );

const HEADER = 'username,email,phone\r\n';
const formatRow = (username: string, email = 'it@example.com') => `${username},${email},+447894123456\r\n`;
const formatRows = (prefix: string, rows: number) =>
  Array.from({ length: rows }, (_, index) => formatRow(`${prefix} ${index}`)).join('');

/** Takes seconds, so it is rejected only at full size. */
const TOO_MANY_ROWS: [string, string, string][] = atScale({
  normal: [],
  soak: [['with too many rows', `${HEADER}${',\r\n'.repeat(MAX_IMPORT_ROWS + 1)}`, 'more than 50,000 rows']],
});

describe('an import', () => {
  it('creates accounts with the values of their columns, and deletes the file', async () => {
    const job = await uploadAndCheck(
      `\ufeffphone;notes;username;email;requestsPerMinute;allowedNetworks;expiresAt;phoneConfirmed;;\r\n` +
        `'+44 7894 123456;"First line\nsecond; line";Théâtre ${'é'.repeat(20)};it@theatre.example;600;"192.0.2.0/24, 2001:db8::/32";2097-01-31T23:59:59Z;yes;;\r\n` +
        `;;;;;;;;;\r\n` +
        `+44 7894 123457;'=1;Zone A/S;it@zone.example;none;anywhere;never;\r\n`,
    );
    expect(await readErrors(job.id)).toEqual([]);
    expect(job).toMatchObject({ state: 'ready', total: 2, counts: { pending: 2, invalid: 0 } });
    expect(await count('from import_parts')).toBe(0);
    expect(await countAccounts('Théâtre')).toBe(0);
    expect(await start(job.id, 'all')).toMatchObject({ state: 'done', counts: { done: 2 } });
    const { rows } = await db.pool.query(
      `select username, phone, notes, requests_per_minute, allowed_networks, expires_at from api_accounts
         where email = 'it@zone.example' or email = 'it@theatre.example' order by username`,
    );
    expect(rows).toEqual([
      {
        username: `Théâtre ${'é'.repeat(20)}`,
        phone: '+447894123456',
        notes: 'First line\nsecond; line',
        requests_per_minute: 600,
        allowed_networks: ['192.0.2.0/24', '2001:db8::/32'],
        expires_at: new Date('2097-01-31T23:59:59Z'),
      },
      {
        username: 'Zone A/S',
        phone: '+447894123457',
        notes: '=1',
        requests_per_minute: null,
        allowed_networks: null,
        expires_at: null,
      },
    ]);
    // What was imported is now in the accounts, where it can be erased.
    expect(await count('from bulk_job_items where cells is not null')).toBe(0);
  });

  it('shows every error with its row and column, and creates nothing', async () => {
    await createTestAccount(db.database, administrator, { username: 'Taken' });
    const { id, counts } = await uploadAndCheck(
      `username,email,phone,scopes,expiresAt,allowedNetworks,requestsPerMinute,phoneConfirmed\r\n` +
        `Good,it@example.com,+447894123456,,,,,\r\n` +
        `taken,it@,123,no:such,tomorrow,10.0.0.0/99,many,perhaps\r\n` +
        `,it@example.com,+447894123456,,,,,\r\n` +
        `GOOD,it@example.com,+4526123456,,,,,\r\n` +
        `More,it@example.com,+447894123456,,,,,,x\r\n`,
    );
    expect(counts).toMatchObject({ pending: 1, invalid: 4 });
    expect(await readErrors(id)).toEqual([
      '3 email: Enter a full email address, such as name@example.com.',
      '3 expiresAt: Enter a time with its zone, such as 2027-01-31T23:59:59Z, or "never".',
      expect.stringContaining('3 requestsPerMinute: Enter a whole number'),
      '3 phoneConfirmed: Enter true or false.',
      expect.stringMatching(/^3 phone: /),
      expect.stringContaining('3 username: “taken” is already taken'),
      expect.stringContaining('3 allowedNetworks: Line 1: “10.0.0.0/99”'),
      expect.stringContaining('3 scopes: The scope “no:such”'),
      expect.stringContaining('4 username: Enter a username'),
      expect.stringContaining('5 phone: Texts to Denmark are turned off'),
      '5 username: Row 2 has the same username.',
      '6 null: This row has more cells than the header.',
    ]);
    expect(await startImport(db.database, administrator, { id, mode: 'all' })).toEqual({
      ok: false,
      reason: 'not_all_valid',
      count: 4,
    });
    expect(await countAccounts('Good')).toBe(0);
  });

  it.each<[string, string | Buffer, string]>([
    ['without a required column', 'username,email\r\nA,it@example.com\r\n', 'missing: “phone”'],
    ['with an unknown column', 'username,email,phone,role\r\n', 'unknown: “role”'],
    ['with a column twice', 'username,email,phone,email\r\n', 'twice: “email”'],
    ['without rows', HEADER, 'no accounts'],
    ['in Latin-1', Buffer.from(`${HEADER}${formatRow('Théâtre')}`, 'latin1'), 'isn’t in UTF-8'],
    ['in UTF-16', Buffer.from(`${HEADER}${formatRow('A')}`, 'utf16le'), 'isn’t in UTF-8'],
    ['with an open quote', `${HEADER}"A,it@example.com,+447894123456\r\n`, 'isn’t valid CSV'],
    ...TOO_MANY_ROWS,
  ])('rejects a file %s', async (_, content, message) => {
    const job = await uploadAndCheck(content, 45_000);
    expect(job).toMatchObject({
      state: 'stopped',
      stopReason: 'unreadable',
      options: { detail: expect.stringContaining(message) },
    });
    expect(await count('from import_parts')).toBe(0);
  });

  it('accepts parts only from the administrator who uploads the file, and only all of them', async () => {
    const { id } = await beginImport(db.database, administrator, { id: randomUUID() });
    const other = await createTestAdministrator(db.database, 'Ben Minister');
    const part = { id, part: 0, content: Buffer.from(HEADER).toString('base64') };
    expect(await storeImportPart(db.database, other, part)).toBe(false);
    expect(await storeImportPart(db.database, administrator, part)).toBe(true);
    for (const parts of [2, 0])
      expect(await finishUpload(db.database, administrator, { id, parts })).toMatchObject({ ok: false });
    expect(await finishUpload(db.database, other, { id, parts: 1 })).toMatchObject({ ok: false });
  });

  it('can be imported again from the file of its problems, once they are corrected', async () => {
    const first = await uploadAndCheck(
      `username,email,phone,notes\r\nAgain 1,it@,+447894123456,"a;=1"\r\nAgain 2,it@example.com,+447894123456,\r\n`,
    );
    await start(first.id, 'valid');
    let text = '';
    const query = { id: first.id, view: 'problems' } as const;
    for await (const chunk of await exportBulkJobItems(db.database, administrator, query)) text += chunk;
    expect(text).toContain('"username","email","phone","notes","error"');
    expect(text).toContain(`"Again 1","it@","'+447894123456","a;'=1","email: Enter a full email address`);
    const second = await uploadAndCheck(text.replace('"it@"', '"it@example.com"'));
    expect(second).toMatchObject({ total: 1, counts: { pending: 1 } });
    expect(await start(second.id, 'valid')).toMatchObject({ state: 'done', counts: { done: 1 } });
    const { rows } = await db.pool.query("select notes from api_accounts where username = 'Again 1'");
    expect(rows).toEqual([{ notes: 'a;=1' }]);
  });
});

describe(`an import of ${ROWS} rows with ${INVALID_ROWS} bad ones`, () => {
  const formatLargeFile = (prefix: string) =>
    HEADER +
    Array.from({ length: ROWS }, (_, index) =>
      formatRow(`${prefix} ${index}`, index % (ROWS / INVALID_ROWS) < 1 ? 'no address' : undefined),
    ).join('');

  it('creates exactly the valid accounts, or none, as chosen', async () => {
    const { id, counts } = await uploadAndCheck(formatLargeFile('Large'));
    expect(counts).toMatchObject({ pending: ROWS - INVALID_ROWS, invalid: INVALID_ROWS });
    expect(await startImport(db.database, administrator, { id, mode: 'all' })).toMatchObject({
      reason: 'not_all_valid',
      count: INVALID_ROWS,
    });
    expect(await countAccounts('Large')).toBe(0);
    expect(await start(id, 'valid')).toMatchObject({
      state: 'done',
      counts: { done: ROWS - INVALID_ROWS, failed: 0, invalid: INVALID_ROWS },
    });
    expect(await countAccounts('Large')).toBe(ROWS - INVALID_ROWS);
    for (const action of ['api_account.created', 'reveal.started'])
      expect(await countEvents(action, 'Large'), action).toBe(ROWS - INVALID_ROWS);
  });

  it('creates all accounts together, and then starts their key deliveries', async () => {
    const { id } = await uploadAndCheck(HEADER + formatRows('Together', ROWS_TOGETHER));
    expect(await start(id, 'all')).toMatchObject({ state: 'done', counts: { done: ROWS_TOGETHER } });
    expect(await countAccounts('Together')).toBe(ROWS_TOGETHER);
    for (const action of ['api_account.created', 'reveal.started'])
      expect(await countEvents(action, 'Together'), action).toBe(ROWS_TOGETHER);
    const { rows } = await db.pool.query(
      `select m.channel, count(*)::int as count from messages m join reveals r on r.id = m.reveal_id
           join api_accounts a on a.id = r.account_id where a.username like 'Together%' group by 1 order by 1`,
    );
    expect(rows).toEqual([
      { channel: 'email', count: ROWS_TOGETHER },
      { channel: 'sms', count: ROWS_TOGETHER },
    ]);
    expect((await verifyAuditLog(db.database)).violation).toBeNull();
  });

  it('creates no account and sends nothing if a username was taken after the check', async () => {
    const { id } = await uploadAndCheck(HEADER + formatRows('Late', 5));
    const taken = await createTestAccount(db.database, administrator, { username: 'late 3' });
    const messages = await count('from messages');
    const events = await count("from audit_events where action = 'api_account.created'");
    expect(await start(id, 'all')).toMatchObject({
      state: 'stopped',
      stopReason: 'not_all_valid',
      counts: { failed: 1, pending: 4 },
    });
    expect(await readErrors(id)).toEqual([expect.stringContaining('5 username: “Late 3” is already taken')]);
    expect(await countAccounts('Late')).toBe(0);
    expect(await countAccounts(taken.username)).toBe(1);
    expect(await count('from messages')).toBe(messages);
    expect(await count("from audit_events where action = 'api_account.created'")).toBe(events);
  });

  it('creates each account once, also if several workers run it and connections are lost', async () => {
    const { id } = await uploadAndCheck(HEADER + formatRows('Lost', 30));
    expect(await startImport(db.database, administrator, { id, mode: 'all' })).toEqual({ ok: true });
    const { signal } = new AbortController();
    const runs = [1, 2, 3].map(() => runBulkJob(db.database, id, signal));
    const terminated = db.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid()`,
    );
    await Promise.allSettled([...runs, terminated]);
    expect(await run(id)).toMatchObject({ state: 'done', counts: { done: 30 } });
    expect(await countAccounts('Lost')).toBe(30);
    expect(await countEvents('reveal.started', 'Lost')).toBe(30);
  });

  it('waits with the key deliveries for the daily limit of texts, and keeps the accounts if it is cancelled', async () => {
    const { id } = await uploadAndCheck(HEADER + formatRows('Paced', 5));
    await setQueuedSmsCount(db.database, 99_998);
    expect(await startImport(db.database, administrator, { id, mode: 'all' })).toEqual({ ok: true });
    expect(await runBulkJob(db.database, id, new AbortController().signal)).toBe(60);
    expect(await countAccounts('Paced')).toBe(5);
    expect(await countEvents('reveal.started', 'Paced')).toBe(2);
    expect(await cancelBulkJob(db.database, administrator, { id })).toEqual({ ok: true });
    expect(await run(id)).toMatchObject({ state: 'cancelled', counts: { done: 2, pending: 3 } });
  });
});
