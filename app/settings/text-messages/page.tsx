import { SkeletonIfSlow } from '#components/skeleton-if-slow.tsx';
import { requireViewer } from '#lib/identity/sessions/require-role.ts';
import { listCountries } from '#lib/notifications/sms/countries.ts';
import { TEXT_MESSAGES_PATH } from '#lib/notifications/sms/labels.ts';
import { listBlockedSms } from '#lib/notifications/sms/list-blocked.ts';
import { readSmsPolicy } from '#lib/notifications/sms/policy.ts';
import { readSmsUsage } from '#lib/notifications/sms/read-usage.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { database } from '#lib/platform/database.ts';
import { NoAccess } from '../no-access.tsx';
import { redirectUnauthorized } from '../redirect-unauthorized.ts';
import { BlockedSmsList } from './blocked-sms-list.tsx';
import { SmsPolicyForm } from './sms-policy-form.tsx';
import { TextMessagesHeading } from './text-messages-heading.tsx';
import { TextMessagesSkeleton } from './text-messages-skeleton.tsx';
import { TodaysUsage } from './todays-usage.tsx';

export const metadata = { title: 'Text messages' };

export default async function TextMessagesPage() {
  const access = await requireViewer();
  if (!access.ok) redirectUnauthorized(access, TEXT_MESSAGES_PATH);
  // A user without a role, whom `redirectUnauthorized` does not redirect, or a viewer.
  if (!access.ok || !access.administrator) {
    return (
      <NoAccess heading={<TextMessagesHeading />}>
        Only a Settings Administrator can view this page. Ask one to give you that role.
      </NoAccess>
    );
  }

  return (
    <>
      <TextMessagesHeading>
        Each text costs money. Limit how many are sent and where, to avoid surprise bills.
      </TextMessagesHeading>
      <SkeletonIfSlow
        content={renderTextMessages(access.administrator)}
        skeleton={<TextMessagesSkeleton />}
      />
    </>
  );
}

async function renderTextMessages(administrator: Administrator) {
  const [policy, usage, blocked] = await Promise.all([
    readSmsPolicy(database()),
    readSmsUsage(database()),
    listBlockedSms(database(), administrator),
  ]);
  return (
    <div className="grid gap-6">
      <TodaysUsage usage={usage} />
      <SmsPolicyForm
        policy={policy}
        usage={usage}
        ownCountry={settings().organisationCountry}
        countries={listCountries()}
      />
      <BlockedSmsList messages={blocked} now={new Date()} />
    </div>
  );
}
