import { v7 as uuidv7 } from 'uuid';
import type { Queryable } from '#db/client.ts';
import { users } from '#db/schema/users.ts';
import { hashPassword } from '#lib/identity/passwords/hash.ts';
import { allowsSingleFactor } from '#lib/identity/passwords/schema.ts';
import type { Role } from '#lib/platform/authorization/roles.ts';
import { foldEmail } from './fold-email.ts';

export type NewUser = { email: string; name: string; password: string; role: Role | null };

type NewUserRow = Omit<NewUser, 'password'> & { passwordHash: string; passwordAllowsSingleFactor: boolean };

export type CreateUserResult = { ok: true; id: string } | { ok: false; reason: 'email_taken' };

/** Inserts a user. The caller has hashed the password, because hashing is too slow for a transaction. */
export async function insertUser(database: Queryable, input: NewUserRow): Promise<CreateUserResult> {
  const email = input.email.trim();
  const [row] = await database
    .insert(users)
    .values({ ...input, id: uuidv7(), email, emailFolded: foldEmail(email) })
    .onConflictDoNothing({ target: users.emailFolded })
    .returning({ id: users.id });
  return row ? { ok: true, id: row.id } : { ok: false, reason: 'email_taken' };
}

/** Creates a user with a password. Returns `email_taken` if another user has the email address. */
export async function createUser(database: Queryable, input: NewUser): Promise<CreateUserResult> {
  const { email, name, role, password } = input;
  const passwordHash = await hashPassword(password);
  return insertUser(database, {
    email,
    name,
    role,
    passwordHash,
    passwordAllowsSingleFactor: allowsSingleFactor(password),
  });
}
