import { hkdfSync } from 'node:crypto';
import pg from 'pg';
import { auditRightInWords, readExcessAuditRights } from '#db/audit-rights.ts';
import { makeRole } from '#db/make-role.ts';
import { renewGrants } from '#db/renew-grants.ts';
import { migrate } from '#lib/migrate.ts';
import { CliError } from './terminal.ts';

const OLDEST = 15;

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  // Several addresses were tried: the first one's error says most.
  if (error instanceof AggregateError) return reasonOf(error.errors[0]);
  return error.message || ('code' in error ? String(error.code) : error.name);
}

/**
 * Makes sure that the database answers and is not too old, within about four seconds.
 * @throws a CliError, without the URL's password
 */
export async function checkDatabase(url: string): Promise<void> {
  const { host, pathname } = new URL(url);
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 4_000,
    query_timeout: 4_000,
  });
  client.on('error', () => {
    // The query that is running reports it.
  });
  try {
    await client.connect();
    const { rows } = await client.query('show server_version_num');
    const version = Math.floor(Number(rows[0].server_version_num) / 10_000);
    if (version < OLDEST)
      throw new CliError(`The database is PostgreSQL ${version}; Stagedoor needs ${OLDEST} or newer.`);
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    throw new CliError(
      `The database ${pathname.slice(1)} at ${host} cannot be reached (${reasonOf(cause)}): check DATABASE_URL, and that PostgreSQL is running.`,
      { cause },
    );
  } finally {
    await client.end().catch(() => {});
  }
}

/** The ordinary role that the services use in embedded mode, where the cluster's own user is a superuser. */
const APP_ROLE = 'stagedoor_app';

/** Makes that role unless it exists. Its password is derived from the owner's, so there is nothing more to store. */
async function embeddedRoleUrl(ownerUrl: string): Promise<string> {
  const url = new URL(ownerUrl);
  const secret = hkdfSync('sha256', url.password, '', 'stagedoor/app-role', 24);
  url.password = Buffer.from(secret).toString('base64url');
  url.username = APP_ROLE;
  await makeRole(ownerUrl, APP_ROLE, url.password);
  return url.href;
}

/** With one role, no right can be taken away from it; the person who starts Stagedoor is told what that means. */
async function warnOfRights(url: string): Promise<void> {
  const { role, rights } = await readExcessAuditRights(url);
  if (rights.length === 0) return;
  const words = rights.map((right) => auditRightInWords(right, role)).join(', ');
  console.log(
    `  Warning: the audit log is not protected from the database user ${role} of DATABASE_URL, who ${words}.\n` +
      '  docs/audit-log.md ("Who may do what") says how to use an ordinary user, or two.',
  );
}

/**
 * Migrates a database as its owner, and gives the user that the services connect as what they need.
 * @param options.ownerUrl the user who migrates, if not the one of `databaseUrl`
 * @param options.embedded `databaseUrl` is the superuser's of our own server: the services get another
 * @param options.mayPrune entries of the audit log may be deleted
 * @returns the URL for the services
 */
export async function migrateDatabase(options: {
  databaseUrl: string;
  ownerUrl?: string | undefined;
  embedded: boolean;
  mayPrune: boolean;
}): Promise<string> {
  const { databaseUrl, ownerUrl = databaseUrl, embedded, mayPrune } = options;
  try {
    await migrate(ownerUrl);
    const url = embedded ? await embeddedRoleUrl(ownerUrl) : databaseUrl;
    if (url === ownerUrl) await warnOfRights(url);
    else await renewGrants(ownerUrl, decodeURIComponent(new URL(url).username), { mayPrune });
    return url;
  } catch (cause) {
    // Drizzle's own error repeats the statement; its cause says what was wrong.
    const { message } =
      cause instanceof Error && cause.cause instanceof Error ? cause.cause : (cause as Error);
    throw new CliError(`The database could not be migrated: ${message}`, { cause });
  }
}
