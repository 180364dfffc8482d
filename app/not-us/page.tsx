import type { Metadata } from 'next';
import { en } from '#lib/notifications/message-catalogue/en.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { ChangeReportScreen } from './change-report-screen.tsx';

export const metadata: Metadata = { title: en.changeReportPage.title, referrer: 'no-referrer' };

/** The browser opens the link, because it does not send the URL's fragment, which holds the token, to the server. */
export default function ChangeReportPage() {
  return <ChangeReportScreen organisation={settings().organisationName} />;
}
