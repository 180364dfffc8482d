import { redirect } from 'next/navigation';
import type { Refusal } from '#lib/platform/authorization/roles.ts';

/**
 * Redirects a signed-out user to the sign-in page, which leads back to `path`, and a user without the required second
 * factor to the page that sets one up. Returns for any other refusal.
 */
export function redirectUnauthorized({ reason }: Refusal, path: string): void {
  if (reason === 'signed_out') redirect(`/sign-in?then=${encodeURIComponent(path)}`);
  if (reason === 'mfa_setup_required') redirect('/settings/your-account');
}
