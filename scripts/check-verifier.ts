import { setTimeout as delay } from 'node:timers/promises';
import { generateKey } from '#lib/api-keys/api-key.ts';
import type { Settings } from '#lib/platform/config/settings.ts';
import { findLookupProblem } from '#lib/verifier/find-lookup-problem.ts';

/** A verifier that works responds within milliseconds, and one without a database after two seconds. */
const TIMEOUT_MS = 5_000;
const INTERVAL_MS = 100;

/** Returns the URL at which this machine reaches a service. */
function buildUrl(host: string, port: number): string {
  const target = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host;
  return `http://${target.includes(':') ? `[${target}]` : target}:${port}/verify`;
}

async function getStatus(url: string, key: string): Promise<string> {
  try {
    const response = await fetch(url, {
      headers: { 'X-API-Key': key },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return String(response.status);
  } catch (error) {
    return error instanceof Error
      ? `nothing (${(error.cause as Error | undefined)?.message ?? error.message})`
      : '';
  }
}

/**
 * Sends the verifier a well-formed key that does not exist, until the response is 401, for which it must have queried
 * the database.
 * @param databaseUrl the database of the services, which in embedded mode is not in the settings
 * @returns a message for the operator; undefined if keys are looked up
 */
export async function findVerifierProblem(
  settings: Pick<Settings, 'host' | 'verifierPort' | 'apiKeyTag' | 'lookupDatabaseUrl' | 'databaseUrl'>,
  databaseUrl: string,
  timeoutMs = TIMEOUT_MS,
): Promise<string | undefined> {
  const { host, verifierPort, apiKeyTag, lookupDatabaseUrl } = settings;
  const url = buildUrl(host, verifierPort);
  const key = generateKey(apiKeyTag);
  const end = performance.now() + timeoutMs;
  let status = await getStatus(url, key);
  for (; status !== '401' && performance.now() < end; status = await getStatus(url, key))
    await delay(INTERVAL_MS);
  if (status === '401') return undefined;
  const setting = lookupDatabaseUrl === settings.databaseUrl ? 'DATABASE_URL' : 'VERIFIER_DATABASE_URL';
  const problem = await findLookupProblem(lookupDatabaseUrl || databaseUrl, setting);
  return `The verifier started, but can't look up keys. ${
    problem ?? `It responded ${status} at ${url} to a key that doesn't exist, instead of 401.`
  }`;
}
