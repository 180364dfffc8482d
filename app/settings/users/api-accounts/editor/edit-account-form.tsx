'use client';
import type { ReactNode, RefObject } from 'react';
import { Button } from '#components/button.tsx';
import { CheckboxField } from '#components/checkbox-field.tsx';
import { DialogButtons } from '#components/dialog.tsx';
import { TextField } from '#components/text-field.tsx';
import type { AccountSummary } from '#lib/api-accounts/schema.ts';
import { DraftNotice } from '../../../../drafts/draft-notice.tsx';
import { ActionFailure } from '../../../action-failure.tsx';
import { ConflictNotice } from '../../../conflict-notice.tsx';
import { ReauthDialog } from '../../../reauth/reauth-dialog.tsx';
import { PhoneError } from '../phone-error.tsx';
import { EditConsequences } from './edit-consequences.tsx';
import { formatEmptyLimit } from './limit-labels.ts';
import { FIELD_LABELS } from './merge-account.ts';
import { ReportNotices } from './report-notices.tsx';
import { type AccountConflict, type AccountEditorEvents, useAccountEditor } from './use-account-editor.ts';

type EditAccountFormProps = AccountEditorEvents & {
  account: AccountSummary;
  defaultLimit: number | null;
  firstField: RefObject<HTMLInputElement | null>;
  onCancel: () => void;
  /** Shown beside the fields, or below them on narrow screens. */
  children: ReactNode;
};

export function EditAccountForm({
  onCancel,
  onSaved,
  onAlreadySaved,
  children,
  ...fields
}: EditAccountFormProps) {
  const editor = useAccountEditor(fields.account, { onSaved, onAlreadySaved });
  const { submit, latest, conflict, restoreSaved, pending, failure, reauth, draft } = editor;
  return (
    <>
      <form onSubmit={submit} noValidate className="grid gap-4">
        <ReportNotices openReports={latest.openReports} />
        <div className="grid gap-x-8 gap-y-5 lg:grid-cols-2">
          <div className="grid min-w-0 content-start gap-4">
            {draft.isRestored && !conflict && <DraftNotice onDiscard={restoreSaved} />}
            {conflict && <AccountConflictNotice conflict={conflict} onRestoreSaved={restoreSaved} />}
            <Fields {...fields} editor={editor} />
          </div>
          {children}
        </div>
        <ActionFailure failure={failure} />
        <DialogButtons>
          <Button onClick={onCancel}>Cancel</Button>
          <Button type="submit" variant="primary" pending={pending} pendingLabel="Saving…">
            Save
          </Button>
        </DialogButtons>
      </form>
      <ReauthDialog {...reauth} />
    </>
  );
}

type AccountConflictNoticeProps = { conflict: AccountConflict; onRestoreSaved: () => void };

function AccountConflictNotice({ conflict, onRestoreSaved }: AccountConflictNoticeProps) {
  const { changedBy, differences } = conflict;
  const isDisputed = differences.some(({ typed }) => typed !== null);
  return (
    <ConflictNotice
      title={
        <span>
          Not saved: <bdi translate="no">{changedBy ?? 'another administrator'}</bdi> edited this account
          while you had it open
        </span>
      }
      unchangedMessage="Their change has since been undone."
      differences={differences.map(({ field, ...values }) => ({ label: FIELD_LABELS[field], ...values }))}
      onRestoreSaved={isDisputed ? onRestoreSaved : undefined}
    />
  );
}

type FieldsProps = Pick<EditAccountFormProps, 'account' | 'defaultLimit' | 'firstField'> & {
  editor: ReturnType<typeof useAccountEditor>;
};

function Fields({ account, defaultLimit, firstField, editor }: FieldsProps) {
  const { form, typed, latest } = editor;
  const { errors } = form.formState;
  const { ref: emailRef, ...email } = form.register('email');
  return (
    <>
      <TextField
        label="Username"
        name="username"
        value={account.username}
        dir="auto"
        readOnly
        description="Can’t be changed: the company uses it with its key."
      />
      <TextField
        label="Email address"
        type="email"
        {...email}
        ref={(input) => {
          emailRef(input);
          firstField.current = input;
        }}
        error={errors.email?.message}
        autoComplete="off"
        required
      />
      <TextField
        label="Phone number"
        type="tel"
        {...form.register('phone')}
        error={
          errors.phone?.message && (
            <PhoneError message={errors.phone.message} onUseSuggestion={editor.replacePhone} />
          )
        }
        autoComplete="off"
        required
      />
      <TextField
        label="Requests per minute"
        inputMode="numeric"
        {...form.register('requestsPerMinute')}
        error={errors.requestsPerMinute?.message}
        description={formatEmptyLimit(defaultLimit)}
        autoComplete="off"
      />
      <div>
        <CheckboxField label="This API account is active" {...form.register('active')} />
        <EditConsequences account={latest} typed={typed} defaultLimit={defaultLimit} />
      </div>
    </>
  );
}
