import { sql } from 'drizzle-orm';
import { users } from '#db/schema/users.ts';

/** Selects the name of a user, or the email address of one without a name; null if the user was deleted. */
export const nameOrEmail = sql<string | null>`coalesce(nullif(${users.name}, ''), ${users.email})`;
