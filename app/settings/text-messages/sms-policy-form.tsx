'use client';
import { useMemo } from 'react';
import { Button } from '#components/button.tsx';
import { formatCount } from '#components/format.ts';
import { Notice } from '#components/notice.tsx';
import { TextField } from '#components/text-field.tsx';
import { MAX_PER_DAY, parseDailyLimit } from '#lib/notifications/sms/limits.ts';
import type { Country, SmsPolicy } from '#lib/notifications/sms/schema.ts';
import { ActionFailure } from '../action-failure.tsx';
import { ConflictNotice } from '../conflict-notice.tsx';
import { CountryChoice } from './country-choice.tsx';
import { usePolicyEditor } from './use-policy-editor.ts';

type SmsPolicyFormProps = {
  policy: SmsPolicy;
  /** How many of today’s text messages are used. */
  used: number;
  /** The organisation's own country. */
  own: string;
  countries: Country[];
};

/** Edits the SMS policy: the daily limits and the allowed countries. */
export function SmsPolicyForm({ policy, used, own, countries }: SmsPolicyFormProps) {
  const names = useMemo(() => new Map(countries.map(({ code, name }) => [code, name])), [countries]);
  const editor = usePolicyEditor(policy, (code) => names.get(code) ?? code);
  const { form, submit, pending, failure, latest, conflict, restoreSaved } = editor;
  return (
    <form
      onSubmit={submit}
      noValidate
      aria-label="Rules for texts"
      className="rounded-lg border border-line bg-surface shadow-card"
    >
      <div className="grid gap-6 p-5">
        {conflict && (
          <ConflictNotice
            title={
              <span>
                Not saved: <bdi translate="no">{conflict.changedBy ?? 'Somebody'}</bdi> changed these rules
                after you opened them
              </span>
            }
            unchangedMessage="They are now as they were when you opened them."
            differences={conflict.differences}
            onRestoreSaved={restoreSaved}
          />
        )}
        <DailyLimits form={form} used={used} saved={latest.perDay} />
        <CountryChoice
          countries={countries}
          own={own}
          saved={latest.countries}
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
    </form>
  );
}

type DailyLimitsProps = { form: ReturnType<typeof usePolicyEditor>['form']; used: number; saved: number };

function DailyLimits({ form, used, saved }: DailyLimitsProps) {
  const { errors } = form.formState;
  const perDay = parseDailyLimit(form.watch('perDay'), MAX_PER_DAY) ?? saved;
  const stopsSending = perDay !== saved && perDay <= used && used > 0;
  return (
    <fieldset className="grid gap-4">
      <legend className="mb-3 font-semibold text-xl tracking-tight">How many a day</legend>
      <div className="grid gap-4 sm:grid-cols-2 sm:items-start">
        <TextField
          label="Texts a day, for all accounts together"
          inputMode="numeric"
          {...form.register('perDay')}
          error={errors.perDay?.message}
          description="Days begin at midnight UTC. Above this, texts are refused; you are warned from 80 % on."
          autoComplete="off"
          required
        />
        <TextField
          label="Texts a day, for each account"
          inputMode="numeric"
          {...form.register('perAccountPerDay')}
          error={errors.perAccountPerDay?.message}
          description="One link sends 6 texts at most by what the company itself asks for."
          autoComplete="off"
          required
        />
      </div>
      <div role="status" className="empty:hidden">
        {stopsSending && (
          <Notice tone="warning">
            <p>
              {formatCount(used)} texts are used today already: once you save this, no more go out until
              midnight UTC.
            </p>
          </Notice>
        )}
      </div>
    </fieldset>
  );
}
