import type { Metadata } from 'next';
import { settings } from '#lib/settings.ts';
import { ForgottenScreen } from './forgotten-screen.tsx';

export const metadata: Metadata = { title: 'Forgotten your password?' };

/** Public: whoever has forgotten their password asks for a link here. */
export default function ForgottenPasswordPage() {
  return <ForgottenScreen organisation={settings().organisationName} />;
}
