import type { Metadata } from 'next';
import { en } from '#lib/notifications/message-catalogue/en.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { RevealScreen } from './reveal-screen.tsx';

export const metadata: Metadata = { title: en.keyPage.title, referrer: 'no-referrer' };

/** The browser opens the link, because it does not send the URL's fragment, which holds the token, to the server. */
export default function RevealPage() {
  return <RevealScreen organisation={settings().organisationName} />;
}
