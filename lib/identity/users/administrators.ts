import { and, eq } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { users } from '#db/schema/users.ts';

const isActiveAdministrator = and(eq(users.role, 'settings_administrator'), eq(users.active, true));

/** Lists the ids of the active administrators, who get emails about API accounts. */
export async function listAdministratorIds(transaction: Transaction): Promise<string[]> {
  const rows = await transaction
    .select({ id: users.id })
    .from(users)
    .where(isActiveAdministrator)
    .orderBy(users.id);
  return rows.map(({ id }) => id);
}

/** Reads the user's email address; null if the user is no longer an active administrator. */
export async function readAdministratorEmail(
  transaction: Transaction,
  userId: string,
): Promise<string | null> {
  const [user] = await transaction
    .select({ email: users.email })
    .from(users)
    .where(and(eq(users.id, userId), isActiveAdministrator));
  return user?.email ?? null;
}
