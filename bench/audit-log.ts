import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { connectDatabase, type Database } from '#db/client.ts';
import { exportAuditLog } from '#lib/audit/export.ts';
import { listAuditLog } from '#lib/audit/list.ts';
import { auditFilterSchema, type ExportFormat } from '#lib/audit/schema.ts';
import { verifyAuditLog } from '#lib/audit/verify.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { testAdministrator } from '#lib/testing/accounts.ts';
import { type BenchPostgres, query } from './database.ts';
import { median } from './figures.ts';
import { fillAuditLog } from './fill-audit-log.ts';
import { say, sayNothing } from './progress.ts';
import { machine, writeResults } from './results.ts';

const FEW = 50_000;
const ACCOUNTS = 1_000;
const PAGES = 15;
/** Of each page that is looked at: the filter, and how far down. */
const LOOKS: Record<string, { filter: Record<string, string>; middle?: boolean }> = {
  first_page: { filter: {} },
  page_in_the_middle: { filter: {}, middle: true },
  one_account: { filter: { account: 'Company 500' } },
  failed_sign_ins: { filter: { act: 'sign_in.failed', outcome: 'refused' } },
  search_for_a_name: { filter: { search: 'Company 77' } },
};

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const megabytes = (bytes: number) => Math.round(bytes / 2 ** 20);

/** What a work takes: seconds, and by how many megabytes what is used after a collection grew at most. */
async function course(work: (look: () => void) => Promise<void>): Promise<{ seconds: number; grew: number }> {
  const heap = () => {
    collect();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const before = heap();
  let most = 0;
  const begun = performance.now();
  await work(() => {
    most = Math.max(most, heap() - before);
  });
  return { seconds: (performance.now() - begun) / 1_000, grew: megabytes(most) };
}

const inFormat = (database: Database, administrator: Administrator, format: ExportFormat, entries: number) =>
  course(async (look) => {
    let lines = 0;
    let pieces = 0;
    const everything = auditFilterSchema.parse({});
    for await (const piece of await exportAuditLog(database, administrator, everything, format)) {
      lines += piece.split('\n').length - 1;
      pieces += 1;
      // Ten times in all: a collection takes time of its own.
      if (pieces % Math.ceil(entries / 5_000) === 0) look();
    }
    if (lines < entries) throw new Error(`${lines} lines for ${entries} entries`);
  });

const verified = (database: Database) =>
  course(async (look) => {
    const { wrong } = await verifyAuditLog(database);
    if (wrong) throw new Error(JSON.stringify(wrong));
    look();
  });

/** Milliseconds that a page takes, the median. */
async function lookAt(
  database: Database,
  administrator: Administrator,
  { filter, middle }: { filter: Record<string, string>; middle?: boolean },
): Promise<number> {
  const [row] = await database.$client
    .query(`select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || ' ' || id as cursor
      from audit_events order by position offset (select count(*) / 2 from audit_events) limit 1`)
    .then(({ rows }) => rows);
  const after = middle ? Buffer.from(row.cursor).toString('base64url') : undefined;
  const times: number[] = [];
  for (let page = 0; page < PAGES; page += 1) {
    const begun = performance.now();
    const { entries } = await listAuditLog(database, administrator, auditFilterSchema.parse(filter), {
      after,
    });
    times.push(performance.now() - begun);
    if (entries.length === 0) throw new Error(`nothing found for ${JSON.stringify(filter)}`);
  }
  return median(times);
}

/** @returns microseconds for an entry, megabytes, and milliseconds for a page */
async function measure(postgres: BenchPostgres, name: string, entries: number) {
  say(`${name}: writing ${entries} entries`);
  const { databaseUrl } = await postgres.createAccounts(name, { accounts: ACCOUNTS, keys: 1 });
  const { database, close } = connectDatabase(databaseUrl);
  const administrator = await testAdministrator(database);
  const accounts = await query(databaseUrl, 'select id from api_accounts');
  const named = { users: [administrator.userId], accounts: accounts.map(({ id }) => String(id)) };
  await fillAuditLog(database, entries, named);
  const each = ({ seconds, grew }: { seconds: number; grew: number }) => ({
    microseconds_an_entry: Math.round((seconds * 1e6) / entries),
    grew_by_megabytes: grew,
  });
  say(`${name}: exporting and verifying`);
  const csv = each(await inFormat(database, administrator, 'csv', entries));
  const jsonl = each(await inFormat(database, administrator, 'jsonl', entries));
  const verify = each(await verified(database));
  say(`${name}: looking at pages`);
  const pages: Record<string, number> = {};
  for (const [look, what] of Object.entries(LOOKS))
    pages[look] = Math.round((await lookAt(database, administrator, what)) * 10) / 10;
  await close();
  return { csv, jsonl, verify, pages };
}

/** Whether the audit log costs the same for many entries as for few: its export, its check and its pages. */
export async function measureAuditLog(postgres: BenchPostgres, entries: number): Promise<void> {
  await measure(postgres, 'audit_warm_up', FEW);
  const few = await measure(postgres, 'audit_few', FEW);
  const many = await measure(postgres, 'audit_many', entries);
  const of = (what: 'csv' | 'jsonl' | 'verify') =>
    Math.round((many[what].microseconds_an_entry / few[what].microseconds_an_entry) * 100) / 100;
  const result = {
    measured: new Date().toISOString(),
    machine: machine(),
    how: `${entries} entries against ${FEW} in the same run, after a run of as many to warm up; each with a chain that is right`,
    csv_many_vs_few: of('csv'),
    jsonl_many_vs_few: of('jsonl'),
    verify_many_vs_few: of('verify'),
    few,
    many,
  };
  await writeResults({ audit_log: result });
  sayNothing();
  console.log(JSON.stringify(result, null, 2));
}
