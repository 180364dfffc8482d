import type { Metadata } from 'next';
import { en } from '#lib/notifications/message-catalogue/en.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { ChangeReportScreen } from './change-report-screen.tsx';

export const metadata: Metadata = { title: en.changeReportPage.title, referrer: 'no-referrer' };

/** Renders the page of the link. The browser reads its token from the URL's fragment, which is not sent to servers. */
export default function ChangeReportPage() {
  return <ChangeReportScreen organisation={settings().organisationName} />;
}
