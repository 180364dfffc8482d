import type { Metadata } from 'next';
import { settings } from '#lib/platform/config/settings.ts';
import { NotUsScreen } from './not-us-screen.tsx';

export const metadata: Metadata = { title: 'Was this you?', referrer: 'no-referrer' };

/** The token is in the fragment, which the browser keeps to itself: everything else happens in the browser. */
export default function NotUsPage() {
  return <NotUsScreen organisation={settings().organisationName} />;
}
