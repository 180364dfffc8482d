import type { Metadata } from 'next';
import { keyPage } from '#lib/notifications/message-catalogue/en-pages.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { RevealScreen } from './reveal-screen.tsx';

export const metadata: Metadata = { title: keyPage.title, referrer: 'no-referrer' };

/**
 * Renders the reveal page, which the link in the email opens. The browser reads its token from the URL's fragment,
 * which is not sent to servers.
 */
export default function RevealPage() {
  return <RevealScreen organisation={settings().organisationName} />;
}
