import type { Metadata } from 'next';
import { settings } from '#lib/platform/config/settings.ts';
import { LocalAuthDisabledFrame } from '../sign-in/local-auth-disabled-frame.tsx';
import { ForgottenPasswordScreen } from './forgotten-password-screen.tsx';

export const metadata: Metadata = { title: 'Forgotten your password?' };

/** Lets a user who forgot their password request a link to set a new one. */
export default function ForgottenPasswordPage() {
  const { organisationName, isLocalAuthEnabled } = settings();
  return isLocalAuthEnabled ? (
    <ForgottenPasswordScreen organisation={organisationName} />
  ) : (
    <LocalAuthDisabledFrame />
  );
}
