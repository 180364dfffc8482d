'use server';
import { findApiAccounts } from '#lib/api-accounts/find.ts';
import { requireSelf } from '#lib/identity/sessions/require-role.ts';
import { findUsers } from '#lib/identity/users/find.ts';
import { authorizeViewer } from '#lib/platform/authorization/roles.ts';
import { database } from '#lib/platform/database.ts';
import { MALFORMED_REQUEST } from '../malformed-request.ts';
import { RESULT_LIMIT } from './search.ts';
import { searchSchema } from './search-schema.ts';

/** Finds API accounts and users for the command palette: what viewers may see, too. */
export async function searchSettings(input: unknown) {
  const access = await requireSelf();
  if (!access.ok) return access;
  const role = authorizeViewer(access.user);
  if (!role.ok) return role;
  const parsed = searchSchema.safeParse(input);
  if (!parsed.success) return MALFORMED_REQUEST;
  const query = { search: parsed.data.search, limit: RESULT_LIMIT };
  const [accounts, users] = await Promise.all([
    findApiAccounts(database(), role.viewer, query),
    findUsers(database(), role.viewer, query),
  ]);
  return { ok: true, accounts, users } as const;
}
