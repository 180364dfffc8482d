import { explainConnectionError } from '#db/connection-problems.ts';
import { parseDatabaseUrl } from '#db/database-url.ts';
import { Connection } from './connection.ts';
import { LOOKUP_SESSION, warmUpLookups } from './lookup.ts';

/** Returns the name of the variable that the URL for lookups is from. */
export const getLookupSetting = (urls: { databaseUrl: string; lookupDatabaseUrl: string }): string =>
  urls.lookupDatabaseUrl === urls.databaseUrl ? 'DATABASE_URL' : 'VERIFIER_DATABASE_URL';

/**
 * Opens a connection for lookups as the verifier does, and looks up a key that does not exist.
 * @param setting the name of the variable that the URL is from
 * @returns a message for the operator, without the URL's password; undefined if there is no problem
 */
export async function findLookupProblem(url: string, setting: string): Promise<string | undefined> {
  const address = parseDatabaseUrl(url);
  try {
    const connection = await Connection.open(address, LOOKUP_SESSION, warmUpLookups);
    connection.abandon();
    return undefined;
  } catch (error) {
    return explainConnectionError(error, address, setting);
  }
}
