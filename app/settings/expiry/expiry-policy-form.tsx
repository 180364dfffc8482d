'use client';
import { Button } from '#components/button.tsx';
import { formatDate } from '#components/format-time.ts';
import { Notice } from '#components/notice.tsx';
import { TextField } from '#components/text-field.tsx';
import { type ExpiryPolicy, parseDays } from '#lib/api-accounts/expiry/schema.ts';
import { DraftNotice } from '../../drafts/draft-notice.tsx';
import { ActionFailure } from '../action-failure.tsx';
import { ConflictNotice } from '../conflict-notice.tsx';
import { ReauthDialog } from '../reauth/reauth-dialog.tsx';
import { LIFETIME_DESCRIPTIONS, LIFETIME_LABELS } from './lifetime-labels.ts';
import type { TypedPolicy } from './merge-expiry-policy.ts';
import { useExpiryEditor } from './use-expiry-editor.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;

type ExpiryPolicyFormProps = {
  policy: ExpiryPolicy;
  now: Date;
  /** The organisation's time zone (IANA name). */
  timeZone: string;
};

/** Edits the expiry policy: the default and the maximum lifetime of API accounts. */
export function ExpiryPolicyForm({ policy, now, timeZone }: ExpiryPolicyFormProps) {
  const editor = useExpiryEditor(policy);
  const { form, typed, latest, submit, pending, failure, reauth, conflict, restoreSaved } = editor;
  const { errors } = form.formState;
  return (
    <form
      onSubmit={submit}
      noValidate
      aria-label="Expiry settings"
      className="rounded-lg border border-line bg-surface shadow-card"
    >
      <div className="grid gap-6 p-5">
        {editor.isDraftRestored && <DraftNotice onDiscard={restoreSaved} />}
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
        <fieldset className="grid gap-4 sm:grid-cols-2 sm:items-start">
          <legend className="mb-3 font-semibold text-xl tracking-tight">Lifetime of API accounts</legend>
          <TextField
            label={LIFETIME_LABELS.defaultDays}
            inputMode="numeric"
            {...form.register('defaultDays')}
            error={errors.defaultDays?.message}
            description={LIFETIME_DESCRIPTIONS.defaultDays}
            autoComplete="off"
          />
          <TextField
            label={LIFETIME_LABELS.maxDays}
            inputMode="numeric"
            {...form.register('maxDays')}
            error={errors.maxDays?.message}
            description={LIFETIME_DESCRIPTIONS.maxDays}
            autoComplete="off"
          />
        </fieldset>
        <Consequences typed={typed} savedMaximum={latest.maxDays} now={now} timeZone={timeZone} />
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

type ConsequencesProps = {
  typed: TypedPolicy;
  savedMaximum: number | null;
  now: Date;
  timeZone: string;
};

/** Describes what the typed policy means for new accounts, for those that exist, and who is reminded. */
function Consequences({ typed, savedMaximum, now, timeZone }: ConsequencesProps) {
  const maximum = parseDays(typed.maxDays);
  const lifetime = parseDays(typed.defaultDays) ?? maximum;
  const formatEnd = (days: number) => formatDate(new Date(now.getTime() + days * DAY_MS), timeZone);
  const isShorter = typeof maximum === 'number' && (savedMaximum === null || maximum < savedMaximum);
  return (
    <div className="grid gap-3">
      <p role="status" className="max-w-2xl">
        {lifetime
          ? `An account that is created today expires at the end of ${formatEnd(lifetime)}, unless you choose another date.`
          : 'A new account does not expire, unless you choose a date.'}
      </p>
      <div role="status" className="empty:hidden">
        {isShorter && (
          <Notice tone="info">
            <p>
              Accounts that already exist keep their expiry, even if it is later than this or they have none.
              The maximum applies when someone next changes their expiry.
            </p>
          </Notice>
        )}
      </div>
      <p className="max-w-2xl text-muted text-sm">
        {`We email the company and every Settings Administrator 30, 7 and 1 days before an account expires, and on the day. Days end at midnight, ${timeZone} time.`}
      </p>
    </div>
  );
}
