'use server';
import { requestPasswordReset } from '#lib/identity/passwords/request-reset.ts';
import { requestResetSchema } from '#lib/identity/passwords/schema.ts';
import {
  readClientIpAddress,
  requireLocalAuth,
  requireSameOrigin,
} from '#lib/identity/sessions/require-role.ts';
import { publicDatabase } from '#lib/platform/database.ts';

// This action is public. Its response does not reveal whether a user has this email address. `requestPasswordReset`
// enforces the rate limits.

/** Sends a password reset link if an active user with a password has this email address. */
export async function requestPasswordResetEmail(input: unknown) {
  const access = await requireSameOrigin();
  if (!access.ok) return access;
  const localAuth = requireLocalAuth();
  if (!localAuth.ok) return localAuth;
  const parsed = requestResetSchema.safeParse(input);
  if (!parsed.success) return { ok: false, reason: 'malformed' } as const;
  const { response } = requestPasswordReset(publicDatabase(), {
    ...parsed.data,
    ipAddress: await readClientIpAddress(),
  });
  return response;
}
