import { requireViewer } from '#lib/auth/require-role.ts';
import { database } from '#lib/database.ts';
import { settings } from '#lib/settings.ts';
import { listCountries } from '#lib/text-rules/countries.ts';
import { listRefusedTexts } from '#lib/text-rules/list-refused.ts';
import { readTextRules } from '#lib/text-rules/read.ts';
import { readTextUse } from '#lib/text-rules/read-use.ts';
import { TEXT_MESSAGES_PATH } from '#lib/text-rules/schema.ts';
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
