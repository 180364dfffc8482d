import type { Metadata } from 'next';
import { settings } from '#lib/platform/config/settings.ts';
import { NotUsScreen } from './not-us-screen.tsx';

export const metadata: Metadata = { title: 'Was this you?', referrer: 'no-referrer' };

/** The browser opens the link, because it does not send the URL's fragment, which holds the token, to the server. */
export default function NotUsPage() {
  return <NotUsScreen organisation={settings().organisationName} />;
}
