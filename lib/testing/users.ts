import type { TestDatabase } from '#db/test-database.ts';
import { inviteUser } from '#lib/identity/users/invite.ts';
import { listUsers } from '#lib/identity/users/list.ts';
import type { EditUser, UserSummary } from '#lib/identity/users/schema.ts';
import { updateUser } from '#lib/identity/users/update.ts';
import type { Administrator, Viewer } from '#lib/platform/authorization/roles.ts';

/** Reads a user from the list of users. */
export async function userOf({ database }: TestDatabase, id: string): Promise<UserSummary> {
  const user = (await listUsers(database, {} as Viewer)).find((each) => each.id === id);
  if (!user) throw new Error('no such user');
  return user;
}

/** Creates a user with a pending invitation. */
export async function invitedUser(db: TestDatabase, by: Administrator, email: string): Promise<UserSummary> {
  const invited = await inviteUser(db.database, by, { email, role: 'settings_administrator' });
  if (!invited.ok) throw new Error(invited.reason);
  return userOf(db, invited.id);
}

/** Saves a change to a user (an id), or to the version that an editor has read (a summary). */
export async function editUser(
  db: TestDatabase,
  by: Administrator,
  target: string | UserSummary,
  change: Partial<EditUser>,
) {
  const base = typeof target === 'string' ? await userOf(db, target) : target;
  const { id, version, name, email, role, active } = base;
  return updateUser(db.database, by, { id, version, name, email, role, active, ...change });
}

/** Reads the actions and details of the audit events about a user, oldest first. */
export async function auditEventsOn({ pool }: TestDatabase, userId: string) {
  const { rows } = await pool.query<{ action: string; details: Record<string, unknown> }>(
    'select action, details from audit_events where target_user_id = $1 order by position',
    [userId],
  );
  return rows;
}
