import { readFile } from 'node:fs/promises';
import { type BenchPostgres, query } from './database.ts';
import { BARE, type Contender, find, ratio, type Series } from './figures.ts';
import { type BenchServer, serve, serveBetterAuth } from './servers.ts';

const FEW = 1_000;
const MANY = 1_000_000;
/** So many of their keys are asked for. */
const KEYS_OF_MANY = 100_000;
/** Kept for every account, and refuses nothing here. */
const LIMIT = 1_000_000;
/** So low that a verifier takes each request out of the account's minute by itself. */
const LOW_LIMIT = 199;

const number = (value: number) => value.toLocaleString('en');

const VERIFIER = 'verifier';
const MANY_AT_WORK = `verifier, ${number(KEYS_OF_MANY)} at work`;
const ALL_OF_FEW = `verifier, ${number(FEW)} accounts`;
const WRONG_KEYS = 'verifier, wrong keys';
const LOW_LIMITS = 'verifier, low limits';
const BETTER_AUTH = 'Better Auth';

/** What was measured, for whoever reads the figures. */
export async function describeContenders() {
  const manifest = await readFile(new URL('better-auth/package.json', import.meta.url), 'utf8');
  const { dependencies } = JSON.parse(manifest);
  return {
    [VERIFIER]: `${number(MANY)} accounts; the keys of ${number(FEW)} of them, which lie evenly among all, at random; uses counted; ${number(LIMIT)} requests a minute for each account`,
    [ALL_OF_FEW]: `as many keys: those of all accounts, of which there are no more`,
    [MANY_AT_WORK]: `the keys of ${number(KEYS_OF_MANY)} of the million: hardly one is asked for twice in the same second`,
    [WRONG_KEYS]: `${number(KEYS_OF_MANY)} well-formed ones that no account has; the throttle of unknown keys off`,
    [LOW_LIMITS]: `${number(KEYS_OF_MANY)} other accounts of the million, ${LOW_LIMIT} requests a minute for each`,
    [BETTER_AUTH]: `verifyApiKey of ${dependencies['better-auth']} behind node:http; ${number(FEW)} keys made by its own API; pg Pool and migration as in its documentation; its rate limits, log and telemetry off`,
  };
}

async function makeDatabases(postgres: BenchPostgres) {
  const few = await postgres.createAccounts('few', { accounts: FEW, keys: FEW });
  const many = await postgres.createAccounts('many', {
    accounts: MANY,
    // Every second one has the low limit.
    keys: 2 * KEYS_OF_MANY,
    limit: LOW_LIMIT,
  });
  const unknownKeysFile = await postgres.writeUnknownKeys(KEYS_OF_MANY);
  const betterAuth = {
    databaseUrl: await postgres.createDatabase('better_auth'),
    keys: FEW,
    keysFile: postgres.file('better-auth.keys'),
  };
  const fewKeysFile = await postgres.writeSample(many.keysFile, FEW);
  return { few, many, fewKeysFile, unknownKeysFile, betterAuth };
}

/** Makes the databases and starts all servers. @param keep given each server, to be stopped in the end */
export async function prepare(
  postgres: BenchPostgres,
  keep: (server: BenchServer) => void,
): Promise<Contender[]> {
  const { few, many, fewKeysFile, unknownKeysFile, betterAuth } = await makeDatabases(postgres);
  const start = async (starting: Promise<BenchServer>) => {
    const server = await starting;
    keep(server);
    return server.port;
  };
  const startVerifier = (databaseUrl: string) =>
    start(serve({ what: 'verifier', databaseUrl, requestsPerMinute: LIMIT }));
  const bare = { port: await start(serve({ what: 'constant' })), keysFile: many.keysFile };
  const right = { port: await startVerifier(many.databaseUrl), keysFile: fewKeysFile };
  const ofFew = { port: await startVerifier(few.databaseUrl), keysFile: few.keysFile };
  const other = { port: await start(serveBetterAuth(betterAuth)), keysFile: betterAuth.keysFile };
  await query(betterAuth.databaseUrl, 'vacuum analyze', 'checkpoint');
  return [
    { ...bare, name: BARE, connections: 128, expected: 200 },
    { ...right, name: VERIFIER, connections: 128, expected: 200 },
    { ...ofFew, name: ALL_OF_FEW, connections: 128, expected: 200 },
    { ...right, name: MANY_AT_WORK, connections: 128, keysFile: many.keysFile, expected: 200 },
    { ...right, name: WRONG_KEYS, connections: 128, keysFile: unknownKeysFile, expected: 401 },
    { ...right, name: LOW_LIMITS, connections: 128, keysFile: many.limitedKeysFile, expected: 200 },
    { ...other, name: BETTER_AUTH, connections: 128, expected: 200 },
    { ...bare, name: BARE, connections: 32, expected: 200 },
    { ...right, name: VERIFIER, connections: 32, expected: 200 },
    { ...other, name: BETTER_AUTH, connections: 32, expected: 200 },
  ];
}

/** The figures that are promised (at 128 connections, unless they say otherwise). */
export function ratiosOf(series: Series[]) {
  const verifier = find(series, VERIFIER, 128);
  const other = (name: string) => find(series, name, 128);
  return {
    vs_bare_http: ratio(verifier, other(BARE), 'perSecond'),
    vs_better_auth: ratio(verifier, other(BETTER_AUTH), 'perSecond'),
    p99_vs_bare_http: ratio(verifier, other(BARE), 'p99'),
    million_vs_thousand: ratio(verifier, other(ALL_OF_FEW), 'perSecond'),
    wrong_vs_right: ratio(other(WRONG_KEYS), verifier, 'perSecond'),
    many_at_work_vs_bare_http: ratio(other(MANY_AT_WORK), other(BARE), 'perSecond'),
    low_limits_vs_high: ratio(other(LOW_LIMITS), other(MANY_AT_WORK), 'perSecond'),
    vs_bare_http_at_32: ratio(find(series, VERIFIER, 32), find(series, BARE, 32), 'perSecond'),
    p99_vs_bare_http_at_32: ratio(find(series, VERIFIER, 32), find(series, BARE, 32), 'p99'),
    vs_better_auth_at_32: ratio(find(series, VERIFIER, 32), find(series, BETTER_AUTH, 32), 'perSecond'),
  };
}
