import { hkdfSync } from 'node:crypto';
import { step } from './progress.mjs';
import { Trouble } from './trouble.mjs';

/** The ordinary role that the programs use in embedded mode, where the cluster's own user is a superuser. */
const APP_ROLE = 'stagedoor_app';

/**
 * Makes that role, or finds it made. Its password comes of the owner's, so that there is nothing more to keep.
 * @param {string} ownerUrl
 * @returns {Promise<string>} the URL with which it connects
 */
async function embeddedRoleUrl(ownerUrl) {
  const { makeRole } = await import('#db/make-role.ts');
  const url = new URL(ownerUrl);
  const secret = hkdfSync('sha256', url.password, '', 'stagedoor/app-role', 24);
  url.password = Buffer.from(secret).toString('base64url');
  url.username = APP_ROLE;
  await makeRole(ownerUrl, APP_ROLE, url.password);
  return url.href;
}

/**
 * With one role there is nothing to take away from it; whoever starts Stagedoor is told what that means.
 * @param {string} url
 */
async function warnOfRights(url) {
  const { auditRightInWords, readExcessAuditRights } = await import('#db/audit-rights.ts');
  const { role, rights } = await readExcessAuditRights(url);
  if (rights.length === 0) return;
  const words = rights.map((right) => auditRightInWords(right, role)).join(', ');
  console.log(
    `  Warning: the audit log is not protected from the database user ${role} of DATABASE_URL, who ${words}.\n` +
      '  docs/audit-log.md ("Who may do what") says how to use an ordinary user, or two.',
  );
}

/** @param {{ databaseUrl: string, ownerUrl?: string | undefined, embedded: boolean, mayPrune: boolean }} options */
async function migrateAndGrant({ databaseUrl, ownerUrl, embedded, mayPrune }) {
  const { migrate } = await import('#lib/migrate.ts');
  const { renewGrants } = await import('#db/renew-grants.ts');
  const owner = ownerUrl ?? databaseUrl;
  await migrate(owner);
  const url = embedded ? await embeddedRoleUrl(owner) : databaseUrl;
  if (url === owner) await warnOfRights(url);
  else await renewGrants(owner, decodeURIComponent(new URL(url).username), { mayPrune });
  return url;
}

/**
 * Migrates a database as its owner, and gives the user whom the programs connect as what they need.
 * @param {object} options
 * @param {string} options.databaseUrl
 * @param {string | undefined} [options.ownerUrl] who migrates, if not the user of `databaseUrl`
 * @param {boolean} options.embedded `databaseUrl` is the superuser's of our own server: programs get another
 * @param {boolean} options.mayPrune entries of the audit log may go
 * @returns {Promise<string>} the URL that the programs get
 */
export function migrateDatabase({ ownerUrl, ...options }) {
  return step('Migrating the database', () =>
    migrateAndGrant({ ownerUrl, ...options }).catch((cause) => {
      // Drizzle's own error repeats the statement; its cause says what was wrong.
      const reason = cause.cause instanceof Error ? cause.cause.message : cause.message;
      throw new Trouble(`The database could not be migrated: ${reason}`, { cause });
    }),
  );
}
