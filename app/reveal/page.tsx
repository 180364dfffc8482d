import type { Metadata } from 'next';
import { settings } from '#lib/platform/config/settings.ts';
import { RevealScreen } from './reveal-screen.tsx';

export const metadata: Metadata = { title: 'Your API key', referrer: 'no-referrer' };

/** The token is in the fragment, which the browser keeps to itself: everything else happens in the browser. */
export default function RevealPage() {
  return <RevealScreen organisation={settings().organisationName} />;
}
