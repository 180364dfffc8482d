import type { Metadata } from 'next';
import { en } from '#lib/notifications/message-catalogue/en.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { ChangeReportScreen } from './change-report-screen.tsx';

export const metadata: Metadata = { title: en.changeReportPage.title, referrer: 'no-referrer' };

/** Opens the link in the browser: the token is in the URL's fragment, which browsers do not send to the server. */
export default function ChangeReportPage() {
  return <ChangeReportScreen organisation={settings().organisationName} />;
}
