import { requireViewer } from '#lib/identity/sessions/require-role.ts';
import { listCountries } from '#lib/notifications/sms/countries.ts';
import { listBlockedSms } from '#lib/notifications/sms/list-blocked.ts';
import { readSmsPolicy } from '#lib/notifications/sms/read-policy.ts';
import { readSmsUsage } from '#lib/notifications/sms/read-usage.ts';
import { TEXT_MESSAGES_PATH } from '#lib/notifications/sms/schema.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { database } from '#lib/platform/database.ts';
import { redirectUnauthorized } from '../redirect-unauthorized.ts';
import { BlockedMessages } from './blocked-messages.tsx';
import { Heading } from './heading.tsx';
import { NoAccess } from './not-for-you.tsx';
import { SmsPolicyForm } from './sms-policy-form.tsx';
import { TodaysUsage } from './todays-usage.tsx';

export const metadata = { title: 'Text messages' };

export default async function TextMessagesPage() {
  const allowed = await requireViewer();
  if (!allowed.ok) redirectUnauthorized(allowed, TEXT_MESSAGES_PATH);
  if (!allowed.ok || !allowed.administrator) return <NoAccess />;

  const [rules, use, refused] = await Promise.all([
    readSmsPolicy(database()),
    readSmsUsage(database()),
    listBlockedSms(database(), allowed.administrator),
  ]);
  return (
    <>
      <Heading>
        Each text costs money. Here you set how many may go out and to which countries, so that nobody can
        turn them into a bill.
      </Heading>
      <div className="grid gap-6">
        <TodaysUsage use={use} />
        <SmsPolicyForm
          rules={rules}
          used={use.queued}
          own={settings().organisationCountry}
          countries={listCountries()}
        />
        <BlockedMessages texts={refused} now={new Date()} />
      </div>
    </>
  );
}
