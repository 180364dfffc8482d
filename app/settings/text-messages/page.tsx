import { requireViewer } from '#lib/identity/sessions/require-role.ts';
import { listCountries } from '#lib/notifications/sms/countries.ts';
import { listRefusedTexts } from '#lib/notifications/sms/list-refused.ts';
import { readTextRules } from '#lib/notifications/sms/read-policy.ts';
import { readTextUse } from '#lib/notifications/sms/read-use.ts';
import { TEXT_MESSAGES_PATH } from '#lib/notifications/sms/schema.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { database } from '#lib/platform/database.ts';
import { leadElsewhere } from '../lead-elsewhere.ts';
import { Heading } from './heading.tsx';
import { NotForYou } from './not-for-you.tsx';
import { RefusedTexts } from './refused-texts.tsx';
import { TextRulesForm } from './text-rules-form.tsx';
import { TodaysTexts } from './todays-texts.tsx';

export const metadata = { title: 'Text messages' };

export default async function TextMessagesPage() {
  const allowed = await requireViewer();
  if (!allowed.ok) leadElsewhere(allowed, TEXT_MESSAGES_PATH);
  if (!allowed.ok || !allowed.administrator) return <NotForYou />;

  const [rules, use, refused] = await Promise.all([
    readTextRules(database()),
    readTextUse(database()),
    listRefusedTexts(database(), allowed.administrator),
  ]);
  return (
    <>
      <Heading>
        Each text costs money. Here you set how many may go out and to which countries, so that nobody can
        turn them into a bill.
      </Heading>
      <div className="grid gap-6">
        <TodaysTexts use={use} />
        <TextRulesForm
          rules={rules}
          used={use.queued}
          own={settings().organisationCountry}
          countries={listCountries()}
        />
        <RefusedTexts texts={refused} now={new Date()} />
      </div>
    </>
  );
}
