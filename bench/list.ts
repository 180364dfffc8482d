import { connectDatabase, type Database } from '#db/client.ts';
import { type AccountPage, type AccountQuery, listApiAccounts } from '#lib/api-accounts/list.ts';
import { ACCOUNT_TABS, DEFAULT_FILTER, SORT_COLUMNS } from '#lib/api-accounts/list-filter.ts';
import type { Viewer } from '#lib/platform/authorization/roles.ts';
import { createTestAdministrator } from '#lib/testing/accounts.ts';
import { seedAccounts } from '../scripts/seed/seed-accounts.ts';
import type { BenchPostgres } from './database.ts';
import { formatList, median } from './figures.ts';
import { clearProgress, showProgress } from './progress.ts';
import { describeMachine, writeResults } from './results.ts';

const FEW = 1_000;
const ROUNDS = 25;
/** Rounds before the measurement, in which both databases load their pages into memory. */
const WARM_UP_ROUNDS = 5;
const SEED = 1;

type Filter = Partial<AccountQuery['filter']>;
/** `last`: measures the last page of the filter instead of the first. */
type Scenario = { filter: Filter; last?: boolean };

const SCENARIOS: Record<string, Scenario> = {
  first_page: { filter: {} },
  last_page: { filter: {}, last: true },
  search_many_hits: { filter: { search: 'ltd' } },
  search_one_character: { filter: { search: 'a' } },
  search_no_hits: { filter: { search: 'no such company' } },
  ...Object.fromEntries(
    SORT_COLUMNS.flatMap((sort) =>
      (['asc', 'desc'] as const).map((order) => [`sort_${sort}_${order}`, { filter: { sort, order } }]),
    ),
  ),
  ...Object.fromEntries(ACCOUNT_TABS.map((status) => [`tab_${status}`, { filter: { status } }])),
};

/** A database with accounts, and the administrator who lists them. */
type Target = { database: Database; viewer: Viewer; close(): Promise<void> };

async function createTarget(postgres: BenchPostgres, name: string, accounts: number): Promise<Target> {
  const url = await postgres.createDatabase(name, 'stagedoor');
  const startedAt = performance.now();
  await seedAccounts(url, {
    accounts,
    seed: SEED,
    onProgress: (done) => showProgress(`${name}: ${done.toLocaleString('en')} accounts`),
  });
  showProgress(`${name}: filled in ${((performance.now() - startedAt) / 1_000).toFixed(0)} s`);
  const { database, close } = connectDatabase(url);
  return { database, viewer: await createTestAdministrator(database), close };
}

const listPage = ({ database, viewer }: Target, filter: Filter, after?: string): Promise<AccountPage> =>
  listApiAccounts(database, viewer, { filter: { ...DEFAULT_FILTER, ...filter }, after });

/** Returns the cursor of the last page: in the other order, that account ends the first one. */
async function findLastPage(target: Target, filter: Filter): Promise<string | undefined> {
  const { next } = await listPage(target, { ...filter, order: 'desc' });
  return next ?? undefined;
}

/** Measures a scenario in both databases, in turns. Returns the medians in milliseconds, and that of the rounds' ratios. */
async function measureScenario(few: Target, many: Target, { filter, last }: Scenario) {
  const targets = [few, many];
  const cursors = await Promise.all(
    targets.map((target) => (last ? findLastPage(target, filter) : undefined)),
  );
  const times: [number[], number[]] = [[], []];
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round += 1) {
    for (const [index, target] of targets.entries()) {
      const cursor = cursors[index];
      const startedAt = performance.now();
      await listPage(target, filter, cursor);
      if (round >= WARM_UP_ROUNDS) times[index]?.push(performance.now() - startedAt);
    }
  }
  const [fewMs, manyMs] = times;
  const ratios = manyMs.map((ms, round) => ms / (fewMs[round] ?? Number.NaN));
  const round = (value: number) => Math.round(value * 100) / 100;
  return { few_ms: round(median(fewMs)), many_ms: round(median(manyMs)), ratio: round(median(ratios)) };
}

/** Measures whether the pages of the list of accounts cost the same with many accounts as with few. */
export async function measureList(postgres: BenchPostgres, accounts: number): Promise<void> {
  const few = await createTarget(postgres, 'list_few', FEW);
  const many = await createTarget(postgres, 'list_many', accounts);
  const pages: Record<string, { few_ms: number; many_ms: number; ratio: number }> = {};
  for (const [name, scenario] of Object.entries(SCENARIOS)) {
    showProgress(`measuring ${name}`);
    pages[name] = await measureScenario(few, many, scenario);
  }
  await Promise.all([few.close(), many.close()]);
  const result = {
    measured_at: new Date().toISOString(),
    machine: describeMachine(),
    method: `reads a page of ${accounts} seeded accounts and of ${FEW} in turns, ${ROUNDS} times; the ratio is the median of the rounds' ratios`,
    pages,
  };
  await writeResults({ list: result });
  clearProgress();
  const lines = Object.entries(pages).map(([name, { few_ms, many_ms, ratio }]) => [
    name,
    `${ratio.toFixed(2)} (${few_ms.toFixed(1)} ms, ${many_ms.toFixed(1)} ms)`,
  ]);
  console.log(formatList(Object.fromEntries(lines)));
}
