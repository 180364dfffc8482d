import { v7 as uuidv7 } from 'uuid';
import type { Queryable } from '#db/client.ts';
import { users } from '#db/schema/users.ts';
import { hashPassword } from '#lib/auth/password.ts';
import type { Role } from '#lib/auth/roles.ts';
import { standsAlone } from '#lib/passwords/schema.ts';
import { foldEmail } from './email.ts';

export type NewUser = { email: string; name: string; password: string; role: Role | null };

/** Adds a person who may sign in; `exists` where someone has this email address already. */
export async function createUser(
  database: Queryable,
  input: NewUser,
): Promise<{ ok: true; id: string } | { ok: false; reason: 'exists' }> {
  const { name, role } = input;
  const email = input.email.trim();
  const passwordHash = await hashPassword(input.password);
  const [row] = await database
    .insert(users)
    .values({
      id: uuidv7(),
      email,
      emailFolded: foldEmail(email),
      name,
      passwordHash,
      passwordStandsAlone: standsAlone(input.password),
      role,
    })
    .onConflictDoNothing({ target: users.emailFolded })
    .returning({ id: users.id });
  return row ? { ok: true, id: row.id } : { ok: false, reason: 'exists' };
}
