import type { AccountResource } from '#lib/account-state/resource.ts';
import { type ApiRefusal, refuse } from '#lib/management-api/problems.ts';

/** Responds with an account and its version, or that it does not exist. */
export function respondWithAccount(
  account: AccountResource | null,
  headers: Record<string, string> = {},
): { ok: true; body: AccountResource; headers: Record<string, string> } | ApiRefusal {
  if (!account) return refuse('not_found');
  return { ok: true, body: account, headers: { ...headers, ETag: `"${account.version}"` } };
}
