'use client';
import { useMemo } from 'react';
import { Button } from '#components/button.tsx';
import { formatTimeOfDay } from '#components/format-time.ts';
import { Notice } from '#components/notice.tsx';
import { TextField } from '#components/text-field.tsx';
import { NEW_CODES_PER_LINK } from '#lib/key-delivery/reveal/limits.ts';
import { MAX_PER_DAY, parseDailyLimit, WARNING_PERCENT } from '#lib/notifications/sms/limits.ts';
import type { Country, SmsPolicy, SmsUsage } from '#lib/notifications/sms/schema.ts';
import { DraftNotice } from '../../drafts/draft-notice.tsx';
import { ActionFailure } from '../action-failure.tsx';
import { ConflictNotice } from '../conflict-notice.tsx';
import { ReauthDialog } from '../reauth/reauth-dialog.tsx';
import { CountryChoice } from './country-choice.tsx';
import { formatTexts, LIMIT_LABELS } from './usage-labels.ts';
import { usePolicyEditor } from './use-policy-editor.ts';

type SmsPolicyFormProps = {
  policy: SmsPolicy;
  usage: SmsUsage;
  /** The organisation's own country. */
  ownCountry: string;
  countries: Country[];
};

/** Edits the SMS policy: the daily limits and the allowed countries. */
export function SmsPolicyForm({ policy, usage, ownCountry, countries }: SmsPolicyFormProps) {
  const countryNames = useMemo(() => new Map(countries.map(({ code, name }) => [code, name])), [countries]);
  const editor = usePolicyEditor(policy, (code) => countryNames.get(code) ?? code);
  const { form, submit, pending, failure, reauth, latest, conflict, restoreSaved, isDraftRestored } = editor;
  return (
    <form
      onSubmit={submit}
      noValidate
      aria-label="Text message settings"
      className="rounded-lg border border-line bg-surface shadow-card"
    >
      <div className="grid gap-6 p-5">
        {isDraftRestored && <DraftNotice onDiscard={restoreSaved} />}
        {conflict && (
          <ConflictNotice
            title={
              <span>
                Not saved: <bdi translate="no">{conflict.changedBy ?? 'another administrator'}</bdi> changed
                these settings while you had them open
              </span>
            }
            unchangedMessage="Their change has since been undone."
            differences={conflict.differences}
            onRestoreSaved={restoreSaved}
          />
        )}
        <DailyLimits form={form} usage={usage} savedLimit={latest.perDay} />
        <CountryChoice
          countries={countries}
          ownCountry={ownCountry}
          savedCountries={latest.countries}
          selected={form.watch('countries')}
          onChange={(selected) => form.setValue('countries', selected, { shouldDirty: true })}
        />
        <ActionFailure failure={failure} />
      </div>
      <div className="flex justify-end rounded-b-lg border-line border-t bg-canvas px-5 py-4">
        <Button
          type="submit"
          variant="primary"
          pending={pending}
          pendingLabel="Saving…"
          className="max-sm:w-full"
        >
          Save
        </Button>
      </div>
      <ReauthDialog {...reauth} />
    </form>
  );
}

type DailyLimitsProps = {
  form: ReturnType<typeof usePolicyEditor>['form'];
  usage: SmsUsage;
  savedLimit: number;
};

function DailyLimits({ form, usage, savedLimit }: DailyLimitsProps) {
  const { errors } = form.formState;
  const resetTime = formatTimeOfDay(usage.resetsAt, usage.timeZone);
  const perDay = parseDailyLimit(form.watch('perDay'), MAX_PER_DAY) ?? savedLimit;
  const willStopSending = perDay !== savedLimit && perDay <= usage.queued && usage.queued > 0;
  const consequence = perDay === 0 ? 'no texts will be sent' : `no more will be sent until ${resetTime}`;
  return (
    <fieldset className="grid gap-4">
      <legend className="mb-3 font-semibold text-xl tracking-tight">Daily limits</legend>
      <div className="grid gap-4 sm:grid-cols-2 sm:items-start">
        <TextField
          label={LIMIT_LABELS.perDay}
          inputMode="numeric"
          {...form.register('perDay')}
          error={errors.perDay?.message}
          description={`No more texts are sent after this. We’ll warn you at ${WARNING_PERCENT}%. Resets at ${resetTime}.`}
          autoComplete="off"
          required
        />
        <TextField
          label={LIMIT_LABELS.perAccountPerDay}
          inputMode="numeric"
          {...form.register('perAccountPerDay')}
          error={errors.perAccountPerDay?.message}
          description={`A company can trigger up to ${1 + NEW_CODES_PER_LINK} texts per link.`}
          autoComplete="off"
          required
        />
      </div>
      <div role="status" className="empty:hidden">
        {willStopSending && (
          <Notice tone="warning">
            <p>{`Already used today: ${formatTexts(usage.queued)}. If you save this, ${consequence}.`}</p>
          </Notice>
        )}
      </div>
    </fieldset>
  );
}
