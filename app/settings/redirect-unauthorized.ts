import { redirect } from 'next/navigation';
import type { Refusal } from '#lib/platform/authorization/roles.ts';

/**
 * Redirects a user who cannot open a page to where they can fix that; returns for any other refusal.
 * A signed-out user gets the sign-in page, which leads back to `path`. A user without the required second factor gets
 * the page that sets one up.
 */
export function redirectUnauthorized({ reason }: Refusal, path: string): void {
  if (reason === 'signed_out') redirect(`/sign-in?then=${encodeURIComponent(path)}`);
  if (reason === 'mfa_setup_required') redirect('/settings/your-account');
}
