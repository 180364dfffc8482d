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

/** @param {{ databaseUrl: string, ownerUrl?: string | undefined, embedded: boolean, mayPrune: boolean }} options */
async function migrateAndGrant({ databaseUrl, ownerUrl, embedded, mayPrune }) {
  const { migrate } = await import('#lib/migrate.ts');
  const { renewGrants } = await import('#db/renew-grants.ts');
  const owner = ownerUrl ?? databaseUrl;
  await migrate(owner);
  const url = embedded ? await embeddedRoleUrl(owner) : databaseUrl;
  if (url !== owner) await renewGrants(owner, decodeURIComponent(new URL(url).username), { mayPrune });
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
