import type { Database } from '#db/client.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { generatePassword } from '#lib/identity/passwords/generate.ts';
import { hashPassword } from '#lib/identity/passwords/hash.ts';
import { allowsSingleFactor } from '#lib/identity/passwords/schema.ts';
import type { Role } from '#lib/platform/authorization/roles.ts';
import { emailSchema } from '#lib/platform/user-input/schema.ts';
import { insertUser } from './create.ts';
import { lockUsers } from './last-administrator.ts';
import { getNameOrEmail, nameSchema } from './schema.ts';

export type CreateUserAtConsoleResult =
  /** `password`: shown only once. */
  | { ok: true; email: string; password: string }
  | { ok: false; reason: 'malformed_email' | 'malformed_name' | 'email_taken' };

/**
 * Creates a user from the command line, with a generated password. Needs no session: its operator can write to the
 * database anyway.
 * @param input if there is no name, the email address is used, truncated to the maximum length of a name
 */
export async function createUserAtConsole(
  database: Database,
  input: { email: string; name: string | undefined; role: Role },
): Promise<CreateUserAtConsoleResult> {
  const parsedEmail = emailSchema.safeParse(input.email);
  if (!parsedEmail.success) return { ok: false, reason: 'malformed_email' };
  const email = parsedEmail.data;
  const { role } = input;
  const parsedName = nameSchema.safeParse(input.name ?? '');
  if (!parsedName.success) return { ok: false, reason: 'malformed_name' };
  const name = getNameOrEmail(parsedName.data, email);
  const password = generatePassword();
  const passwordHash = await hashPassword(password);
  const passwordAllowsSingleFactor = allowsSingleFactor(password);
  return withTransaction(database, async (transaction) => {
    await lockUsers(transaction);
    const user = await insertUser(transaction, {
      email,
      name,
      role,
      passwordHash,
      passwordAllowsSingleFactor,
    });
    if (!user.ok) return user;
    const details = { email, role, by: 'console' };
    recordAuditEvent(transaction, 'user.created', { userId: null, targetUserId: user.id, details });
    return { ok: true, email, password };
  });
}
