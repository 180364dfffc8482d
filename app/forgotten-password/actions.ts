'use server';
import { requestPasswordReset } from '#lib/identity/passwords/request-reset.ts';
import { requestResetSchema } from '#lib/identity/passwords/schema.ts';
import { requireLocalAuth, requireSameOrigin } from '#lib/identity/sessions/require-role.ts';
import { clientAddress } from '#lib/identity/sessions/session.ts';
import { database } from '#lib/platform/database.ts';

// Public. What it answers is the same whether or not anybody has this address; the verb spends the turn.

/** Sends a link to set a new password, where somebody has this address. */
export async function requestPasswordResetEmail(input: unknown) {
  const asked = await requireSameOrigin();
  if (!asked.ok) return asked;
  const ways = requireLocalAuth();
  if (!ways.ok) return ways;
  const parsed = requestResetSchema.safeParse(input);
  if (!parsed.success) return { ok: false, reason: 'malformed' } as const;
  const { begun } = requestPasswordReset(database(), { ...parsed.data, address: await clientAddress() });
  return begun;
}
