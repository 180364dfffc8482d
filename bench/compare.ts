import { readFile } from 'node:fs/promises';
import { type BenchPostgres, query } from './database.ts';
import { BASELINE, findSeries, ratio, type Scenario, type Series } from './figures.ts';
import { type BenchServer, startBetterAuth, startServer } from './servers.ts';

const FEW = 1_000;
const MANY = 1_000_000;
/** How many keys of the large table are used in the scenarios with many keys. */
const KEYS_OF_MANY = 100_000;
/** The limit of an account without its own, in requests per minute: enforced, but so high that it refuses nothing. */
const LIMIT = 1_000_000;
/** So low that each request needs its own quota lease. */
const LOW_LIMIT = 199;

const formatNumber = (value: number) => value.toLocaleString('en');

const VERIFIER = 'verifier';
const MANY_AT_WORK = `verifier, ${formatNumber(KEYS_OF_MANY)} at work`;
const ALL_OF_FEW = `verifier, ${formatNumber(FEW)} accounts`;
const WRONG_KEYS = 'verifier, wrong keys';
const LOW_LIMITS = 'verifier, low limits';
const BETTER_AUTH = 'Better Auth';
const IN_PROCESS = 'in process';
const API = 'API';
const API_IN_PROCESS = 'API, in process';

/** The rows of the database of the API. */
const ORDERS = 10_000;
const CREATE_ORDERS = `
  create table orders as
  select id, 'Company ' || id as customer, (id * 7 % 10000) / 100.0 as total, now() - id * interval '1 minute' as created_at
  from generate_series(1, ${ORDERS}) as id`;

/** Describes the scenarios for the results. */
export async function describeScenarios() {
  const manifest = await readFile(new URL('better-auth/package.json', import.meta.url), 'utf8');
  const { dependencies } = JSON.parse(manifest);
  return {
    [VERIFIER]: `${formatNumber(MANY)} accounts; random keys of ${formatNumber(FEW)} of them, spread evenly over the table; requests are counted; each account has a limit of ${formatNumber(LIMIT)} requests per minute`,
    [ALL_OF_FEW]: `the same with a table of only ${formatNumber(FEW)} accounts`,
    [MANY_AT_WORK]: `random keys of ${formatNumber(KEYS_OF_MANY)} of the ${formatNumber(MANY)} accounts: hardly any key is used twice in the same second`,
    [WRONG_KEYS]: `${formatNumber(KEYS_OF_MANY)} well-formed keys that no account has; the unknown-key limiter is off`,
    [LOW_LIMITS]: `${formatNumber(KEYS_OF_MANY)} other accounts of the ${formatNumber(MANY)}, each with a limit of ${LOW_LIMIT} requests per minute`,
    [BETTER_AUTH]: `verifyApiKey of ${dependencies['better-auth']} behind node:http; ${formatNumber(FEW)} keys created by its own API; pg Pool and migration as in its documentation; rate limits, log and telemetry are off`,
    [IN_PROCESS]:
      'the verifier in the process of a node:http server (clients/verifier), which does nothing else; databases and keys of the verifier',
    [API]: `a node:http server that reads one of ${formatNumber(ORDERS)} rows by its primary key for each request, with the Pool of pg, and responds with it as JSON`,
    [API_IN_PROCESS]: 'the same, which verifies each request in its own process before that',
  };
}

async function createDatabases(postgres: BenchPostgres) {
  const few = await postgres.createAccounts('few', { accounts: FEW, knownKeys: FEW });
  const many = await postgres.createAccounts('many', {
    accounts: MANY,
    // Every second account with a known key has the low limit.
    knownKeys: 2 * KEYS_OF_MANY,
    limit: LOW_LIMIT,
  });
  const unknownKeysFile = await postgres.writeUnknownKeys(KEYS_OF_MANY);
  const betterAuth = {
    databaseUrl: await postgres.createDatabase('better_auth'),
    keys: FEW,
    keysFile: postgres.getFilePath('better-auth.keys'),
  };
  const fewKeysFile = await postgres.writeSample(many.keysFile, FEW);
  const ordersUrl = await postgres.createDatabase('orders');
  await query(ordersUrl, CREATE_ORDERS, 'alter table orders add primary key (id)', 'vacuum analyze orders');
  return { few, many, fewKeysFile, unknownKeysFile, betterAuth, ordersUrl };
}

/** Two verifiers that differ in the number of their workers. */
export type WorkerServers = { keysFile: string; one: BenchServer; two: BenchServer };

/**
 * Creates the databases and starts all servers.
 * @param onStarted receives each server, which the caller must stop
 */
export async function startScenarios(
  postgres: BenchPostgres,
  onStarted: (server: BenchServer) => void,
): Promise<{ scenarios: Scenario[]; workers: WorkerServers }> {
  const { few, many, fewKeysFile, unknownKeysFile, betterAuth, ordersUrl } = await createDatabases(postgres);
  const start = async (starting: Promise<BenchServer>) => {
    const server = await starting;
    onStarted(server);
    return server;
  };
  const waitForPort = async (starting: Promise<BenchServer>) => (await start(starting)).port;
  const settings = { databaseUrl: many.databaseUrl, requestsPerMinute: LIMIT };
  const baseline = { port: await waitForPort(startServer({ kind: 'baseline' })), keysFile: many.keysFile };
  const one = await start(startServer({ kind: 'verifier', ...settings }));
  const two = await start(startServer({ kind: 'verifier', ...settings, workers: 2 }));
  const verifier = { port: one.port, keysFile: fewKeysFile };
  const smallSettings = { ...settings, databaseUrl: few.databaseUrl };
  const smallVerifier = {
    port: await waitForPort(startServer({ kind: 'verifier', ...smallSettings })),
    keysFile: few.keysFile,
  };
  const inProcess = {
    port: await waitForPort(startServer({ kind: 'in-process', ...settings })),
    keysFile: fewKeysFile,
  };
  const apiOptions = { kind: 'api', ordersUrl, orders: ORDERS } as const;
  const api = { port: await waitForPort(startServer(apiOptions)), keysFile: fewKeysFile };
  const apiInProcess = {
    port: await waitForPort(startServer({ ...apiOptions, verifier: settings })),
    keysFile: fewKeysFile,
  };
  const betterAuthServer = {
    port: await waitForPort(startBetterAuth(betterAuth)),
    keysFile: betterAuth.keysFile,
  };
  await query(betterAuth.databaseUrl, 'vacuum analyze', 'checkpoint');
  const scenarios: Scenario[] = [
    { ...baseline, name: BASELINE, connections: 128, expected: 200 },
    { ...verifier, name: VERIFIER, connections: 128, expected: 200 },
    { ...smallVerifier, name: ALL_OF_FEW, connections: 128, expected: 200 },
    { ...verifier, name: MANY_AT_WORK, connections: 128, keysFile: many.keysFile, expected: 200 },
    { ...verifier, name: WRONG_KEYS, connections: 128, keysFile: unknownKeysFile, expected: 401 },
    { ...verifier, name: LOW_LIMITS, connections: 128, keysFile: many.limitedKeysFile, expected: 200 },
    { ...betterAuthServer, name: BETTER_AUTH, connections: 128, expected: 200 },
    { ...inProcess, name: IN_PROCESS, connections: 128, expected: 200 },
    { ...api, name: API, connections: 128, expected: 200 },
    { ...apiInProcess, name: API_IN_PROCESS, connections: 128, expected: 200 },
    { ...baseline, name: BASELINE, connections: 32, expected: 200 },
    { ...verifier, name: VERIFIER, connections: 32, expected: 200 },
    { ...betterAuthServer, name: BETTER_AUTH, connections: 32, expected: 200 },
  ];
  return { scenarios, workers: { keysFile: fewKeysFile, one, two } };
}

/** Calculates the published ratios, at 128 connections unless their names say otherwise. */
export function calculateRatios(all: Series[]) {
  const at128 = (name: string) => findSeries(all, name, 128);
  const at32 = (name: string) => findSeries(all, name, 32);
  const verifier = at128(VERIFIER);
  return {
    vs_bare_http: ratio(verifier, at128(BASELINE), 'perSecond'),
    vs_better_auth: ratio(verifier, at128(BETTER_AUTH), 'perSecond'),
    p99_vs_bare_http: ratio(verifier, at128(BASELINE), 'p99'),
    million_vs_thousand: ratio(verifier, at128(ALL_OF_FEW), 'perSecond'),
    wrong_vs_right: ratio(at128(WRONG_KEYS), verifier, 'perSecond'),
    many_at_work_vs_bare_http: ratio(at128(MANY_AT_WORK), at128(BASELINE), 'perSecond'),
    low_limits_vs_high: ratio(at128(LOW_LIMITS), at128(MANY_AT_WORK), 'perSecond'),
    in_process_vs_better_auth: ratio(at128(IN_PROCESS), at128(BETTER_AUTH), 'perSecond'),
    in_process_vs_bare_http: ratio(at128(IN_PROCESS), at128(BASELINE), 'perSecond'),
    in_process_vs_same_api: ratio(at128(API_IN_PROCESS), at128(API), 'perSecond'),
    vs_bare_http_at_32: ratio(at32(VERIFIER), at32(BASELINE), 'perSecond'),
    p99_vs_bare_http_at_32: ratio(at32(VERIFIER), at32(BASELINE), 'p99'),
    vs_better_auth_at_32: ratio(at32(VERIFIER), at32(BETTER_AUTH), 'perSecond'),
  };
}
