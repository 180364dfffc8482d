import { ilike, or, sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { users } from '#db/schema/users.ts';
import type { Viewer } from '#lib/platform/authorization/roles.ts';
import { buildContainsPattern } from '#lib/platform/user-input/like-pattern.ts';

/** `name`: empty until an invited user enters it. */
export type FoundUser = { id: string; name: string; email: string };

/** Finds a few users whose name or email address contains the text, in the order of `listUsers`. */
export async function findUsers(
  database: Database,
  _viewer: Viewer,
  { search, limit }: { search: string; limit: number },
): Promise<FoundUser[]> {
  const text = search.replaceAll('\0', '');
  if (!text) return [];
  const pattern = buildContainsPattern(text);
  return database
    .select({ id: users.id, name: users.name, email: users.email })
    .from(users)
    .where(or(ilike(users.name, pattern), ilike(users.email, pattern)))
    .orderBy(sql`lower(coalesce(nullif(${users.name}, ''), ${users.email}))`, users.id)
    .limit(limit);
}
