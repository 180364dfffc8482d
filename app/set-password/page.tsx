import type { Metadata } from 'next';
import { settings } from '#lib/platform/config/settings.ts';
import { LocalAuthDisabledFrame } from '../sign-in/local-auth-disabled-frame.tsx';
import { SetPasswordScreen } from './set-password-screen.tsx';

export const metadata: Metadata = { title: 'Set your password', referrer: 'no-referrer' };

/** Opens the link in the browser: the token is in the URL's fragment, which browsers do not send to the server. */
export default function SetPasswordPage() {
  const { organisationName, isLocalAuthEnabled } = settings();
  return isLocalAuthEnabled ? (
    <SetPasswordScreen organisation={organisationName} />
  ) : (
    <LocalAuthDisabledFrame />
  );
}
