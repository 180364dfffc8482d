import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { connectDatabase, type Database } from '#db/client.ts';
import { exportAuditLog } from '#lib/audit/export.ts';
import { listAuditLog } from '#lib/audit/list.ts';
import { auditFilterSchema, type ExportFormat } from '#lib/audit/schema.ts';
import { verifyAuditLog } from '#lib/audit/verify.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { createTestAdministrator } from '#lib/testing/accounts.ts';
import { type BenchPostgres, query } from './database.ts';
import { median } from './figures.ts';
import { fillAuditLog } from './fill-audit-log.ts';
import { clearProgress, showProgress } from './progress.ts';
import { describeMachine, writeResults } from './results.ts';

const FEW_ENTRIES = 50_000;
const ACCOUNTS = 1_000;
const REQUESTS_PER_PAGE = 15;

/** A page of the audit log: its filter, and whether it begins in the middle of all entries instead of at the newest. */
type Page = { filter: Record<string, string>; isInMiddle?: boolean };

const PAGES: Record<string, Page> = {
  first_page: { filter: {} },
  page_in_the_middle: { filter: {}, isInMiddle: true },
  one_account: { filter: { account: 'Company 500' } },
  failed_sign_ins: { filter: { action: 'sign_in.failed', outcome: 'refused' } },
  search_for_a_name: { filter: { search: 'Company 77' } },
};

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const toMegabytes = (bytes: number) => Math.round(bytes / 2 ** 20);

type Cost = { seconds: number; growthMegabytes: number };

/** Measures the duration of `work`, and by how much used memory grew at most. `work` calls `sample` to measure memory. */
async function measureCost(work: (sample: () => void) => Promise<void>): Promise<Cost> {
  const readUsedBytes = () => {
    collectGarbage();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const before = readUsedBytes();
  let maxGrowth = 0;
  const startedAt = performance.now();
  await work(() => {
    maxGrowth = Math.max(maxGrowth, readUsedBytes() - before);
  });
  const seconds = (performance.now() - startedAt) / 1_000;
  return { seconds, growthMegabytes: toMegabytes(maxGrowth) };
}

const measureExport = (
  database: Database,
  administrator: Administrator,
  format: ExportFormat,
  entries: number,
) =>
  measureCost(async (sample) => {
    let lines = 0;
    let chunks = 0;
    const noFilter = auditFilterSchema.parse({});
    for await (const chunk of await exportAuditLog(database, administrator, noFilter, format)) {
      lines += chunk.split('\n').length - 1;
      chunks += 1;
      // Sample about ten times in all, because collecting garbage takes time.
      if (chunks % Math.ceil(entries / 5_000) === 0) sample();
    }
    if (lines < entries) throw new Error(`${lines} lines for ${entries} entries`);
  });

const measureVerification = (database: Database) =>
  measureCost(async (sample) => {
    const { violation } = await verifyAuditLog(database);
    if (violation) throw new Error(JSON.stringify(violation));
    // Measures only what stays in memory: `verifyAuditLog` offers no place to sample while it runs.
    sample();
  });

/** Returns the median time to load a page, in milliseconds. */
async function measurePage(
  database: Database,
  administrator: Administrator,
  { filter, isInMiddle }: Page,
): Promise<number> {
  const [row] = await database.$client
    .query(`select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || ' ' || id as cursor
      from audit_events order by position offset (select count(*) / 2 from audit_events) limit 1`)
    .then(({ rows }) => rows);
  const after = isInMiddle ? Buffer.from(row.cursor).toString('base64url') : undefined;
  const times: number[] = [];
  for (let request = 0; request < REQUESTS_PER_PAGE; request += 1) {
    const startedAt = performance.now();
    const { entries } = await listAuditLog(database, administrator, auditFilterSchema.parse(filter), {
      after,
    });
    times.push(performance.now() - startedAt);
    if (entries.length === 0) throw new Error(`nothing found for ${JSON.stringify(filter)}`);
  }
  return median(times);
}

/** Creates an audit log, and measures its export, verification and pages (in milliseconds). */
async function measureLog(postgres: BenchPostgres, name: string, entries: number) {
  showProgress(`${name}: writing ${entries} entries`);
  const { databaseUrl } = await postgres.createAccounts(name, { accounts: ACCOUNTS, knownKeys: 1 });
  const { database, close } = connectDatabase(databaseUrl);
  const administrator = await createTestAdministrator(database);
  const accounts = await query(databaseUrl, 'select id from api_accounts');
  await fillAuditLog(database, entries, {
    users: [administrator.userId],
    accounts: accounts.map(({ id }) => String(id)),
  });
  const toCostPerEntry = ({ seconds, growthMegabytes }: Cost) => ({
    microseconds_per_entry: Math.round((seconds * 1e6) / entries),
    memory_growth_megabytes: growthMegabytes,
  });
  showProgress(`${name}: exporting and verifying`);
  const csv = toCostPerEntry(await measureExport(database, administrator, 'csv', entries));
  const jsonl = toCostPerEntry(await measureExport(database, administrator, 'jsonl', entries));
  const verify = toCostPerEntry(await measureVerification(database));
  showProgress(`${name}: loading pages`);
  const pages: Record<string, number> = {};
  for (const [title, page] of Object.entries(PAGES))
    pages[title] = Math.round((await measurePage(database, administrator, page)) * 10) / 10;
  await close();
  return { csv, jsonl, verify, pages };
}

/** Measures whether export, verification and pages of the audit log cost the same with many entries as with few. */
export async function measureAuditLog(postgres: BenchPostgres, entries: number): Promise<void> {
  await measureLog(postgres, 'audit_warm_up', FEW_ENTRIES);
  const few = await measureLog(postgres, 'audit_few', FEW_ENTRIES);
  const many = await measureLog(postgres, 'audit_many', entries);
  const ratioOf = (task: 'csv' | 'jsonl' | 'verify') =>
    Math.round((many[task].microseconds_per_entry / few[task].microseconds_per_entry) * 100) / 100;
  const result = {
    measured_at: new Date().toISOString(),
    machine: describeMachine(),
    method: `${entries} entries compared with ${FEW_ENTRIES} in the same run, after ${FEW_ENTRIES} to warm up; every chain is valid`,
    csv_many_vs_few: ratioOf('csv'),
    jsonl_many_vs_few: ratioOf('jsonl'),
    verify_many_vs_few: ratioOf('verify'),
    few,
    many,
  };
  await writeResults({ audit_log: result });
  clearProgress();
  console.log(JSON.stringify(result, null, 2));
}
