import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { exportAuditLog } from '#lib/audit/export.ts';
import { listAuditLog } from '#lib/audit/list.ts';
import { auditFilterSchema, type ExportFormat } from '#lib/audit/schema.ts';
import { verifyAuditLog } from '#lib/audit/verify.ts';
import { resendMessages } from '#lib/key-delivery/reveal/resend.ts';
import { abandonMessage } from '#lib/notifications/delivery/attempt.ts';
import { getOutboxFolder } from '#lib/notifications/providers/outbox.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { createTestAccount, createTestAdministrator, letTimePass } from '#lib/testing/accounts.ts';
import { changeAccount, readLatestChange } from '#lib/testing/contact-changes.ts';
import { findTablesWith } from '#lib/testing/find-tables-with.ts';
import { readNewestMessageId, reportDelivery } from '#lib/testing/messages.ts';
import { setSmsPolicy } from '#lib/testing/sms.ts';
import { until } from '#lib/testing/until.ts';
import { startOutboxErasure } from '#lib/worker/maintenance.ts';
import { startWorker } from '#lib/worker/run.ts';
import { reportChange } from './contact-changes/report.ts';
import { deleteApiAccount } from './delete.ts';
import { exportApiAccounts } from './export.ts';
import { readAccount } from './read-account.ts';
import { updateApiAccount } from './update.ts';

const EMAILS = ['first@erased.example', 'second@erased.example', 'third@erased.example'] as const;
const PHONES = ['+447894100001', '+447894100002', '+447894100003'] as const;
const NETWORKS = ['198.51.100.0/25', '198.51.100.128/26'];
const IP_ADDRESSES = ['192.0.2.99', '192.0.2.98', '192.0.2.97'];
const OTHERS = ['Erased Display', 'Erased notes', ...NETWORKS, ...IP_ADDRESSES];
/** Also finds numbers in other notations. */
const TEXTS = ['erased.example', '7894100', ...OTHERS];

let db: TestDatabase;
let administrator: Administrator;
let dataFolder: string;
beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
  dataFolder = await mkdtemp(path.join(tmpdir(), 'stagedoor-erasure-'));
  Object.assign(settings(), { dataFolder, isEmbedded: true });
});
afterAll(async () => {
  await db.drop();
  await rm(dataFolder, { recursive: true, force: true });
});

async function readOutboxText(): Promise<string> {
  const folder = getOutboxFolder(dataFolder);
  const files = await readdir(folder);
  return (await Promise.all(files.map((file) => readFile(path.join(folder, file), 'utf8')))).join('\n');
}

const takeFirstLine = (text: string) => text.split('\n')[0] ?? '';
async function drain(chunks: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const chunk of chunks) text += chunk;
  return text;
}
const exportLog = async (filter: Record<string, string>, format: ExportFormat) =>
  drain(await exportAuditLog(db.database, administrator, auditFilterSchema.parse(filter), format));

/** Sends everything in the queue to the outbox. */
async function sendQueuedMessages(): Promise<void> {
  const worker = await startWorker({ databaseUrl: db.url });
  const countQueued = async () =>
    (await db.pool.query("select from messages where state = 'queued'")).rowCount;
  expect(await until(countQueued, (rows) => rows === 0)).toBe(0);
  await worker.stop();
}

/** Creates an account and does everything with it that stores an email address or a phone number. */
async function createRichAccount() {
  const account = await createTestAccount(db.database, administrator, { email: EMAILS[0], phone: PHONES[0] });
  const { id } = account;
  const setLimit = (perAccountPerDay: number) => setSmsPolicy(db.database, { perAccountPerDay });
  await letTimePass(db.database, id, '2 minutes');
  expect(await resendMessages(db.database, administrator, { id, what: 'both' })).toMatchObject({ ok: true });
  let { account: changed } = await changeAccount(db.database, administrator, account, { email: EMAILS[1] });
  ({ account: changed } = await changeAccount(db.database, administrator, changed, { phone: PHONES[1] }));
  const { token } = await readLatestChange(db.database, id);
  expect(await reportChange(db.database, token)).toEqual({ ok: true });
  await sendQueuedMessages();
  const emailId = await readNewestMessageId(db.database, id, 'email');
  await reportDelivery(db.database, emailId, 'bounced', { reason: 'Not delivered.' });
  // The SMS after the last change is blocked, and the email is abandoned.
  await setLimit(0);
  const last = { email: EMAILS[2], phone: PHONES[2] };
  ({ account: changed } = await changeAccount(db.database, administrator, changed, last));
  await setLimit(5);
  await abandonMessage(
    db.database,
    await readNewestMessageId(db.database, id, 'email'),
    'The address is wrong.',
  );
  const texts = { displayName: OTHERS[0], notes: OTHERS[1] };
  const edit = { id, ...last, active: true, ...texts };
  for (const [index, network] of NETWORKS.entries()) {
    const networks = { version: changed.version + index, allowedNetworks: [network] };
    expect(await updateApiAccount(db.database, administrator, { ...edit, ...networks })).toMatchObject({
      ok: true,
    });
  }
  await db.pool.query(
    'update api_account_usage set last_used_at = now(), last_address = $2 where account_id = $1',
    [id, IP_ADDRESSES[0]],
  );
  await db.pool.query(
    'insert into api_account_addresses values ($1, true, $2, now()), ($1, false, $3, now())',
    [id, ...IP_ADDRESSES.slice(1)],
  );
  for (const search of [EMAILS[0], '@erased.example', PHONES[1], '07894 100002']) {
    await exportLog({ search }, 'csv');
    await drain(await exportApiAccounts(db.database, administrator, { search, status: 'all' }, 'csv'));
  }
  return account;
}

describe('deleteApiAccount', () => {
  it('erases all contact details, notes and usage from every table and from the outbox', async () => {
    const other = await createTestAccount(db.database, administrator, { email: 'it@kept.example' });
    const account = await createRichAccount();
    for (const text of TEXTS) expect(await findTablesWith(db, text)).not.toEqual([]);
    expect(await readOutboxText()).toContain('erased.example');
    const { rows: jobs } = await db.pool.query("select from pgboss.job where state = 'completed'");
    expect(jobs.length).toBeGreaterThan(5);

    expect(await deleteApiAccount(db.database, administrator, account)).toMatchObject({ ok: true });
    for (const text of TEXTS) expect(await findTablesWith(db, text)).toEqual([]);
    const erasure = startOutboxErasure(db.database);
    await erasure.stop();
    const outbox = await readOutboxText();
    for (const text of TEXTS) expect(outbox).not.toContain(text);

    // What belongs to other accounts is kept, and the log is intact.
    expect(outbox).toContain('it@kept.example');
    expect(await findTablesWith(db, 'it@kept.example')).toContain('public.audit_erasable_details');
    expect(await readAccount(db.database, other.id)).toMatchObject({ email: 'it@kept.example' });
    expect(await verifyAuditLog(db.database)).toMatchObject({ erased: 6, violation: null });
  });
});

describe('audit log of an account', () => {
  const readDetails = async (account: string, action: string) => {
    const filter = auditFilterSchema.parse({ account, action });
    const { entries } = await listAuditLog(db.database, administrator, filter);
    return entries.map(({ details }) => details);
  };

  it('shows the contact details while the account exists, and then says that they were erased', async () => {
    const fields = { email: 'first@listed.example', phone: '+447894200001' };
    const account = await createTestAccount(db.database, administrator, fields);
    const { id, username } = account;
    await changeAccount(db.database, administrator, account, { email: 'second@listed.example' });
    expect(await readDetails(id, 'api_account.created')).toEqual([{ username, ...fields }]);
    const values = { ...fields, requestsPerMinute: null };
    expect(await readDetails(id, 'api_account.edited')).toEqual([
      { before: values, after: { ...values, email: 'second@listed.example' } },
    ]);
    const csv = await exportLog({ account: id, action: 'api_account.edited' }, 'csv');
    expect(csv).toContain('""email"":""second@listed.example""');
    const line = JSON.parse(await exportLog({ account: id, action: 'api_account.created' }, 'jsonl'));
    expect(line).toMatchObject({
      details: { username, erasableDigest: expect.stringMatching(/^[0-9a-f]{64}$/) },
      erasable: { salt: expect.stringMatching(/^[0-9a-f]{64}$/), details: fields },
    });
    const reveal = JSON.parse(
      await exportLog({ account: id, action: 'reveal.started' }, 'jsonl').then(takeFirstLine),
    );
    expect(reveal.erasable).toBeNull();

    await deleteApiAccount(db.database, administrator, account);
    const erased = { contactDetails: 'erased' };
    expect(await readDetails(id, 'api_account.created')).toEqual([{ username, ...erased }]);
    const other = { requestsPerMinute: null };
    expect(await readDetails(id, 'api_account.edited')).toEqual([{ before: other, after: other, ...erased }]);
    const erasedCsv = await exportLog({ account: id }, 'csv');
    expect(erasedCsv).toContain('""contactDetails"":""erased""');
    expect(erasedCsv).not.toContain('listed.example');
    const erasedLine = JSON.parse(await exportLog({ account: id, action: 'api_account.created' }, 'jsonl'));
    expect(erasedLine).toMatchObject({ details: line.details, erasable: 'erased' });
  });

  it('erases nothing if the account is not deleted', async () => {
    const account = await createTestAccount(db.database, administrator, { email: 'it@unconfirmed.example' });
    await deleteApiAccount(db.database, administrator, { id: account.id, username: 'Other' });
    expect(await findTablesWith(db, 'it@unconfirmed.example')).toContain('public.audit_erasable_details');
  });
});
