import { redirect } from 'next/navigation';
import type { Refusal } from '#lib/platform/authorization/roles.ts';

/**
 * Leads whoever may not see a page to where they can do something about it: to sign in, and back to `path`
 * afterwards; or to set up the second factor that their organisation asks for. Returns for any other refusal.
 */
export function redirectUnauthorized({ reason }: Refusal, path: string): void {
  if (reason === 'signed_out') redirect(`/sign-in?then=${encodeURIComponent(path)}`);
  if (reason === 'mfa_setup_required') redirect('/settings/your-account');
}
