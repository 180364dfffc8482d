import { z } from 'zod';
import type { Database } from '#db/client.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { generatePassword } from '#lib/identity/passwords/generate.ts';
import { hashPassword } from '#lib/identity/passwords/hash.ts';
import { standsAlone } from '#lib/identity/passwords/schema.ts';
import type { Role } from '#lib/platform/authorization/roles.ts';
import { insertUser } from './create.ts';
import { lockUsers } from './last-administrator.ts';
import { nameOr, nameSchema } from './schema.ts';

const emailSchema = z.string().trim().max(254).pipe(z.email());

export type CreateAtConsoleResult =
  /** The password is told here, once. */
  | { ok: true; email: string; password: string }
  | { ok: false; reason: 'malformed_email' | 'malformed_name' | 'exists' };

/**
 * Adds a person from the server's console, where nobody is signed in: whoever can run it can write to the database
 * anyway. They get a password that is made up.
 * @param input without a name, the email address stands for it, as much of it as a name may have
 */
export async function createAtConsole(
  database: Database,
  input: { email: string; name: string | undefined; role: Role },
): Promise<CreateAtConsoleResult> {
  const read = emailSchema.safeParse(input.email);
  if (!read.success) return { ok: false, reason: 'malformed_email' };
  const email = read.data;
  const { role } = input;
  const named = nameSchema.safeParse(input.name ?? '');
  if (!named.success) return { ok: false, reason: 'malformed_name' };
  const name = nameOr(named.data, email);
  const password = generatePassword();
  const passwordHash = await hashPassword(password);
  const passwordStandsAlone = standsAlone(password);
  return withTransaction(database, async (transaction) => {
    await lockUsers(transaction);
    const user = await insertUser(transaction, { email, name, role, passwordHash, passwordStandsAlone });
    if (!user.ok) return user;
    const details = { email, role, by: 'console' };
    recordAuditEvent(transaction, 'user.created', { userId: null, targetUserId: user.id, details });
    return { ok: true, email, password };
  });
}
