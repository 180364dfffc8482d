import { hkdfSync } from 'node:crypto';
import { auditRightInWords, readExcessAuditRights } from '#db/audit-rights.ts';
import { makeRole } from '#db/make-role.ts';
import { migrate as migrateDatabase } from '#db/migrate.ts';
import { renewGrants } from '#db/renew-grants.ts';
import { QUEUE_OPTIONS } from './queue/tasks.ts';

/** The ordinary role that the services use in embedded mode, where the cluster's own user is a superuser. */
const APP_ROLE = 'stagedoor_app';

/** Brings the database at this URL to the newest schema, queues included. May be run at any time. */
export async function migrate(databaseUrl: string): Promise<void> {
  await migrateDatabase(databaseUrl, QUEUE_OPTIONS);
}

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
async function rightsWarning(url: string): Promise<string | undefined> {
  const { role, rights } = await readExcessAuditRights(url);
  if (rights.length === 0) return undefined;
  const words = rights.map((right) => auditRightInWords(right, role)).join(', ');
  return (
    `Warning: the audit log is not protected from the database user ${role} of DATABASE_URL, who ${words}.\n` +
    '  docs/audit-log.md ("Who may do what") says how to use an ordinary user, or two.'
  );
}

/**
 * Migrates a database as its owner, and gives the user that the services connect as what they need.
 * @param options.ownerUrl the user who migrates, if not the one of `databaseUrl`
 * @param options.embedded `databaseUrl` is the superuser's of our own server: the services get another
 * @param options.mayPrune entries of the audit log may be deleted
 * @returns the URL for the services, and what the person who starts Stagedoor should know
 */
export async function migrateAndGrant(options: {
  databaseUrl: string;
  ownerUrl?: string | undefined;
  embedded: boolean;
  mayPrune: boolean;
}): Promise<{ url: string; warning?: string | undefined }> {
  const { databaseUrl, ownerUrl = databaseUrl, embedded, mayPrune } = options;
  await migrate(ownerUrl);
  const url = embedded ? await embeddedRoleUrl(ownerUrl) : databaseUrl;
  if (url === ownerUrl) return { url, warning: await rightsWarning(url) };
  await renewGrants(ownerUrl, decodeURIComponent(new URL(url).username), { mayPrune });
  return { url };
}
