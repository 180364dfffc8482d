import type { Metadata } from 'next';
import { settings } from '#lib/platform/config/settings.ts';
import { LocalAuthDisabledFrame } from '../sign-in/local-auth-disabled-frame.tsx';
import { SetPasswordScreen } from './set-password-screen.tsx';

export const metadata: Metadata = { title: 'Set your password', referrer: 'no-referrer' };

/**
 * Renders the page that the email link of an invitation or a password reset opens. The browser reads the link's token
 * from the URL's fragment, which is not sent to servers.
 */
export default function SetPasswordPage() {
  const { organisationName, isLocalAuthEnabled } = settings();
  return isLocalAuthEnabled ? (
    <SetPasswordScreen organisation={organisationName} />
  ) : (
    <LocalAuthDisabledFrame />
  );
}
