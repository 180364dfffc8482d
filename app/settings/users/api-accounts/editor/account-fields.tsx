'use client';
import { useState } from 'react';
import { Button } from '#components/button.tsx';
import { CheckboxField } from '#components/checkbox-field.tsx';
import { TextAreaField } from '#components/text-area-field.tsx';
import { TextField } from '#components/text-field.tsx';
import { DraftNotice } from '../../../../drafts/draft-notice.tsx';
import { ConflictNotice } from '../../../conflict-notice.tsx';
import type { AccessOptions } from '../access/read-access-options.ts';
import { EmailHint } from '../email-hint.tsx';
import { isConfirmable, PhoneConfirmation } from '../phone-confirmation.tsx';
import { PhoneError } from '../phone-error.tsx';
import { AccessFields } from './access-fields.tsx';
import { FIELD_DESCRIPTIONS } from './account-layout.ts';
import { AccountSection } from './account-section.tsx';
import { ActivationConsequence, ContactConsequence, LimitConsequence } from './edit-consequences.tsx';
import { formatEmptyLimit } from './limit-labels.ts';
import { FIELD_LABELS } from './merge-account.ts';
import { SectionNavigation } from './section-navigation.tsx';
import type { AccountConflict, useAccountEditor } from './use-account-editor.ts';

type AccountEditor = ReturnType<typeof useAccountEditor>;

type AccountFieldsProps = {
  editor: AccountEditor;
  username: string;
  defaultLimit: number | null;
  accessOptions: AccessOptions;
  onDelete: () => void;
};

/** Renders the fields of an account: the checkbox that belongs to the header, the details and the access. */
export function AccountFields({
  editor,
  username,
  defaultLimit,
  accessOptions,
  onDelete,
}: AccountFieldsProps) {
  const { form, typed, latest, conflict, restoreSaved, draft } = editor;
  const { errors } = form.formState;
  return (
    <>
      {draft.isRestored && !conflict && <DraftNotice onDiscard={() => restoreSaved()} />}
      {conflict && <AccountConflictNotice conflict={conflict} onRestoreSaved={() => restoreSaved()} />}
      <div>
        <CheckboxField label="This API account is active" {...form.register('active')} />
        <ActivationConsequence account={latest} typed={typed} />
      </div>
      <SectionNavigation />
      <AccountSection id="details">
        <div className="grid gap-4">
          <DetailsFields editor={editor} username={username} />
        </div>
      </AccountSection>
      <AccountSection id="access">
        <div className="grid gap-5">
          <div>
            <TextField
              label="Requests per minute"
              inputMode="numeric"
              {...form.register('requestsPerMinute')}
              error={errors.requestsPerMinute?.message}
              description={formatEmptyLimit(defaultLimit)}
              autoComplete="off"
            />
            <LimitConsequence account={latest} typed={typed} defaultLimit={defaultLimit} />
          </div>
          <AccessFields editor={editor} options={accessOptions} />
          <div className="grid justify-items-start gap-2 border-line border-t pt-4">
            <p className="text-muted text-sm">
              To take access away for a while, untick “This API account is active”. Deleting can’t be undone.
            </p>
            <Button size="sm" onClick={onDelete}>
              Delete API account…
            </Button>
          </div>
        </div>
      </AccountSection>
    </>
  );
}

function DetailsFields({ editor, username }: Pick<AccountFieldsProps, 'editor' | 'username'>) {
  const { form, typed, latest } = editor;
  const { errors } = form.formState;
  const isPhoneConfirmed = form.watch('isPhoneConfirmed');
  /** The email address that was typed when the field lost the focus. */
  const [leftEmail, setLeftEmail] = useState('');
  const isEmailLeft = typed.email === leftEmail && leftEmail !== latest.email && !errors.email;
  return (
    <>
      <div className="grid items-start gap-4 sm:grid-cols-2">
        <TextField
          label="Username"
          name="username"
          value={username}
          dir="auto"
          readOnly
          description={FIELD_DESCRIPTIONS.username}
        />
        <TextField
          label="Display name"
          {...form.register('displayName')}
          error={errors.displayName?.message}
          description={FIELD_DESCRIPTIONS.displayName}
          dir="auto"
          autoComplete="off"
        />
      </div>
      <div>
        <TextField
          label="Email address"
          type="email"
          {...form.register('email', { onBlur: () => setLeftEmail(form.getValues('email')) })}
          error={errors.email?.message}
          hint={
            isEmailLeft ? (
              <EmailHint email={leftEmail} onUseSuggestion={(email) => editor.replaceValue('email', email)} />
            ) : null
          }
          autoComplete="off"
          required
        />
        <ContactConsequence field="email" account={latest} typed={typed} />
      </div>
      <div>
        <TextField
          label="Phone number"
          type="tel"
          {...form.register('phone', { onBlur: editor.checkPhone, onChange: editor.forgetConfirmation })}
          error={
            errors.phone?.message && (
              <PhoneError
                message={errors.phone.message}
                onUseSuggestion={(phone) => editor.replaceValue('phone', phone)}
              />
            )
          }
          autoComplete="off"
          required
        />
        {(isConfirmable(errors.phone?.message) || isPhoneConfirmed !== undefined) && (
          <div className="mt-2">
            <PhoneConfirmation
              {...form.register('isPhoneConfirmed', { onChange: () => form.clearErrors('phone') })}
            />
          </div>
        )}
        <ContactConsequence field="phone" account={latest} typed={typed} />
      </div>
      <TextAreaField
        label="Notes"
        {...form.register('notes')}
        error={errors.notes?.message}
        description="Only your organisation’s administrators see them. Don’t put passwords or keys here."
        dir="auto"
      />
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
