import { type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import { users } from '#db/schema/users.ts';

/** Selects the name of a user, or the email address of one without a name; null if the user was deleted. */
export const selectNameOrEmail = ({ name, email }: { name: SQLWrapper; email: SQLWrapper }) =>
  sql<string | null>`coalesce(nullif(${name}, ''), ${email})`;

/** The same for a query that reads the table of users under its own name. */
export const nameOrEmail: SQL<string | null> = selectNameOrEmail(users);
