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
  return { few, many, fewKeysFile, unknownKeysFile, betterAuth };
}

/**
 * Creates the databases and starts all servers.
 * @param onStarted receives each server, which the caller must stop
 */
export async function startScenarios(
  postgres: BenchPostgres,
  onStarted: (server: BenchServer) => void,
): Promise<Scenario[]> {
  const { few, many, fewKeysFile, unknownKeysFile, betterAuth } = await createDatabases(postgres);
  const waitForPort = async (starting: Promise<BenchServer>) => {
    const server = await starting;
    onStarted(server);
    return server.port;
  };
  const startVerifier = (databaseUrl: string) =>
    waitForPort(startServer({ kind: 'verifier', databaseUrl, requestsPerMinute: LIMIT }));
  const baseline = { port: await waitForPort(startServer({ kind: 'baseline' })), keysFile: many.keysFile };
  const verifier = { port: await startVerifier(many.databaseUrl), keysFile: fewKeysFile };
  const smallVerifier = { port: await startVerifier(few.databaseUrl), keysFile: few.keysFile };
  const betterAuthServer = {
    port: await waitForPort(startBetterAuth(betterAuth)),
    keysFile: betterAuth.keysFile,
  };
  await query(betterAuth.databaseUrl, 'vacuum analyze', 'checkpoint');
  return [
    { ...baseline, name: BASELINE, connections: 128, expected: 200 },
    { ...verifier, name: VERIFIER, connections: 128, expected: 200 },
    { ...smallVerifier, name: ALL_OF_FEW, connections: 128, expected: 200 },
    { ...verifier, name: MANY_AT_WORK, connections: 128, keysFile: many.keysFile, expected: 200 },
    { ...verifier, name: WRONG_KEYS, connections: 128, keysFile: unknownKeysFile, expected: 401 },
    { ...verifier, name: LOW_LIMITS, connections: 128, keysFile: many.limitedKeysFile, expected: 200 },
    { ...betterAuthServer, name: BETTER_AUTH, connections: 128, expected: 200 },
    { ...baseline, name: BASELINE, connections: 32, expected: 200 },
    { ...verifier, name: VERIFIER, connections: 32, expected: 200 },
    { ...betterAuthServer, name: BETTER_AUTH, connections: 32, expected: 200 },
  ];
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
    vs_bare_http_at_32: ratio(at32(VERIFIER), at32(BASELINE), 'perSecond'),
    p99_vs_bare_http_at_32: ratio(at32(VERIFIER), at32(BASELINE), 'p99'),
    vs_better_auth_at_32: ratio(at32(VERIFIER), at32(BETTER_AUTH), 'perSecond'),
  };
}
