import { type SQL, sql } from 'drizzle-orm';

/**
 * Somebody has been themselves here once: they have a password, or were signed in, by an invitation or without one.
 * Neither is ever taken away, so it holds also where they have nothing to sign in with any more. Needs `users` in the query.
 */
export function hasAccepted(): SQL<boolean> {
  return sql<boolean>`(users.password_hash is not null
    or exists (select 1 from sessions where sessions.user_id = users.id))`;
}
