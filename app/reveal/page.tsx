import type { Metadata } from 'next';
import { en } from '#lib/notifications/message-catalogue/en.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { RevealScreen } from './reveal-screen.tsx';

export const metadata: Metadata = { title: en.keyPage.title, referrer: 'no-referrer' };

/**
 * Renders the reveal page, which the link in the email opens. The browser reads its token from the URL's fragment,
 * which is not sent to servers.
 */
export default function RevealPage() {
  return <RevealScreen organisation={settings().organisationName} />;
}
