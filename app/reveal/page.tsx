import type { Metadata } from 'next';
import { en } from '#lib/notifications/message-catalogue/en.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { RevealScreen } from './reveal-screen.tsx';

export const metadata: Metadata = { title: en.keyPage.title, referrer: 'no-referrer' };

/** Opens the link in the browser: the token is in the URL's fragment, which browsers do not send to the server. */
export default function RevealPage() {
  return <RevealScreen organisation={settings().organisationName} />;
}
