import type { TestDatabase } from '#db/test-database.ts';
import { inviteUser } from '#lib/identity/users/invite.ts';
import { listUsers } from '#lib/identity/users/list.ts';
import type { EditUserInput, UserSummary } from '#lib/identity/users/schema.ts';
import { updateUser } from '#lib/identity/users/update.ts';
import type { Administrator, Viewer } from '#lib/platform/authorization/roles.ts';

/** Reads a user from the list of users. */
export async function readTestUser({ database }: TestDatabase, id: string): Promise<UserSummary> {
  const user = (await listUsers(database, {} as Viewer)).find((each) => each.id === id);
  if (!user) throw new Error('no such user');
  return user;
}

/** Invites a new Settings Administrator. */
export async function inviteTestUser(
  db: TestDatabase,
  administrator: Administrator,
  email: string,
): Promise<UserSummary> {
  const invited = await inviteUser(db.database, administrator, { email, role: 'settings_administrator' });
  if (!invited.ok) throw new Error(invited.reason);
  return readTestUser(db, invited.id);
}

/**
 * Saves a change to a user.
 * @param target an id for the current version, or a summary for the version that an editor has read
 */
export async function editUser(
  db: TestDatabase,
  administrator: Administrator,
  target: string | UserSummary,
  change: Partial<EditUserInput>,
) {
  const user = typeof target === 'string' ? await readTestUser(db, target) : target;
  const { id, version, name, email, role, active } = user;
  return updateUser(db.database, administrator, { id, version, name, email, role, active, ...change });
}

/** Reads the actions and details of the audit events about a user, oldest first. */
export async function readUserAuditEvents({ pool }: TestDatabase, userId: string) {
  const { rows } = await pool.query<{ action: string; details: Record<string, unknown> }>(
    'select action, details from audit_events where target_user_id = $1 order by position',
    [userId],
  );
  return rows;
}
