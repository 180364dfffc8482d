import { eq } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { users } from '#db/schema/users.ts';
import { createApiAccount } from '#lib/api-accounts/create.ts';
import { brandAdministrator } from '#lib/platform/authorization/roles.ts';

const USERNAMES = ['Fringe & Sons', 'Théâtre du Parc', 'Matinée Web', 'Stalls and Circle', 'Prompt Side Ltd'];

/**
 * Creates a few API accounts for development, and queues their messages. Creates none if accounts exist, or if no
 * administrator has the email address.
 */
export async function createExampleAccounts(database: Database, administratorEmail: string): Promise<void> {
  if ((await database.$count(apiAccounts)) > 0) return;
  const [user] = await database.select().from(users).where(eq(users.email, administratorEmail));
  const session = { sessionId: '', ipAddress: '127.0.0.1', hasRecentAuth: true, isMfaSetupRequired: false };
  const administrator = user && brandAdministrator({ ...user, userId: user.id, ...session });
  if (!administrator) return;
  for (const [index, username] of USERNAMES.entries()) {
    const email = `developers-${index + 1}@example.org`;
    await createApiAccount(database, administrator, { username, email, phone: `+4478941234${50 + index}` });
  }
}
