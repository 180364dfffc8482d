import type { Metadata } from 'next';
import { settings } from '#lib/platform/config/settings.ts';
import { LocalAuthDisabledFrame } from '../sign-in/local-auth-disabled-frame.tsx';
import { ForgottenPasswordScreen } from './forgotten-password-screen.tsx';

export const metadata: Metadata = { title: 'Forgotten your password?' };

/** Lets a user who forgot their password request a reset link. Public. */
export default function ForgottenPasswordPage() {
  const { organisationName, passwordSignIn } = settings();
  return passwordSignIn ? (
    <ForgottenPasswordScreen organisation={organisationName} />
  ) : (
    <LocalAuthDisabledFrame />
  );
}
