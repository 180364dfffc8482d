import { setTimeout as delay } from 'node:timers/promises';
import { generateKey } from '#lib/api-keys/api-key.ts';
import type { Settings } from '#lib/platform/config/settings.ts';
import { buildLocalUrl } from '#lib/platform/http/web-url.ts';
import { findLookupProblem, getLookupSetting } from '#lib/verifier/find-lookup-problem.ts';

/** A verifier that works responds within milliseconds, and one without a database after two seconds. */
const TIMEOUT_MS = 5_000;
const INTERVAL_MS = 100;
/** How much longer to wait if lookups work from this process, because the machine may be busy. */
const EXTRA_TIMEOUTS = 3;

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

/** Sends the key until the response is 401, or another one of `finalStatuses`. Returns the last status. */
async function pollStatus(
  url: string,
  key: string,
  timeoutMs: number,
  finalStatuses = ['401'],
): Promise<string> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const status = await getStatus(url, key);
    if (finalStatuses.includes(status) || performance.now() >= end) return status;
    await delay(INTERVAL_MS);
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
  const url = `${buildLocalUrl(host, verifierPort)}/verify`;
  const key = generateKey(apiKeyTag);
  // After 503, the database is asked from here first, so that a wrong setting is reported sooner.
  if ((await pollStatus(url, key, timeoutMs, ['401', '503'])) === '401') return undefined;
  const problem = await findLookupProblem(lookupDatabaseUrl || databaseUrl, getLookupSetting(settings));
  const message = "The verifier started, but can't look up keys.";
  if (problem) return `${message} ${problem}`;
  const status = await pollStatus(url, key, EXTRA_TIMEOUTS * timeoutMs);
  if (status === '401') return undefined;
  return `${message} It responded ${status} at ${url} to a key that doesn't exist, instead of 401.`;
}
