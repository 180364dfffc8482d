import type { Metadata } from 'next';
import { changeReportPage } from '#lib/notifications/message-catalogue/en-change-report.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { ChangeReportScreen } from './change-report-screen.tsx';

export const metadata: Metadata = { title: changeReportPage.title, referrer: 'no-referrer' };

/**
 * Renders the page that the link of a change notice opens. The browser reads the link's token from the URL's fragment,
 * which is not sent to servers.
 */
export default function ChangeReportPage() {
  return <ChangeReportScreen organisation={settings().organisationName} />;
}
