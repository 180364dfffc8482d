import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Database, Queryable } from '#db/client.ts';
import { sessions } from '#db/schema/sessions.ts';
import { users } from '#db/schema/users.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { generatePassword } from '#lib/identity/passwords/generate.ts';
import { createUser } from './create.ts';
import { foldEmail } from './fold-email.ts';
import { lockUsers } from './last-administrator.ts';

async function hasAdministrator(database: Queryable): Promise<boolean> {
  const rows = await database
    .select({ id: users.id })
    .from(users)
    .where(eq(users.role, 'settings_administrator'))
    .limit(1);
  return rows.length > 0;
}

/**
 * Creates a Settings Administrator if there is none, not even an inactive or invited one. If several processes start
 * concurrently, only one creates it.
 * @param input if there is no password, one is generated
 * @returns the password, to show it once; `created: false` also if another user has the email address
 */
export async function createFirstAdministrator(
  database: Database,
  input: { email: string; password: string | undefined },
): Promise<{ created: false } | { created: true; email: string; password: string }> {
  if (await hasAdministrator(database)) return { created: false };
  const password = input.password ?? generatePassword();
  const { email } = input;
  return withTransaction(database, async (transaction) => {
    await lockUsers(transaction);
    if (await hasAdministrator(transaction)) return { created: false };
    const role = 'settings_administrator';
    // Hashes in the transaction, which is slow but happens only once.
    const user = await createUser(transaction, { email, name: 'First administrator', password, role });
    if (!user.ok) return { created: false };
    recordAuditEvent(transaction, 'user.created', {
      userId: null,
      targetUserId: user.id,
      details: { email, role },
    });
    return { created: true, email, password };
  });
}

/**
 * Returns whether the user with this email address has neither signed in nor changed the password; false if there is no
 * such user. The sign-in page then explains where the first password is: printed, or in the settings.
 */
export async function isFirstSignInAwaited(database: Queryable, email: string): Promise<boolean> {
  const hasSignedIn = sql`exists (select 1 from ${sessions} where ${sessions.userId} = ${users.id})`;
  const rows = await database
    .select({ id: users.id })
    .from(users)
    .where(
      and(eq(users.emailFolded, foldEmail(email)), isNull(users.passwordChangedAt), sql`not ${hasSignedIn}`),
    );
  return rows.length > 0;
}
