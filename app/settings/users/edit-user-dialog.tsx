'use client';
import { Button } from '#components/button.tsx';
import { Dialog, DialogButtons } from '#components/dialog.tsx';
import { Notice } from '#components/notice.tsx';
import { TextField } from '#components/text-field.tsx';
import { useToast } from '#components/toast.tsx';
import type { UserSummary } from '#lib/identity/users/schema.ts';
import type { OutboxChannels } from '#lib/platform/config/provider-settings.ts';
import { DraftNotice } from '../../drafts/draft-notice.tsx';
import { ActionFailure } from '../action-failure.tsx';
import { ReauthDialog } from '../reauth/reauth-dialog.tsx';
import { useOutboxChannels } from '../test-mode/outbox-channels.tsx';
import { AccessFields, OwnAccessFields } from './access-fields.tsx';
import { formatRole } from './role-options.tsx';
import { type SavedUserEdit, type UserConflict, useUserEditor } from './use-user-editor.ts';
import { UserActions } from './user-actions.tsx';
import { describeChangedBy } from './user-messages.ts';

type EditUserProps = {
  user: UserSummary;
  /** Whether the administrator edits their own user. */
  isSelf: boolean;
  onClose: () => void;
};

export function EditUserDialog({ open, ...props }: EditUserProps & { open: boolean }) {
  return (
    <Dialog open={open} onOpenChange={props.onClose} title="Edit user">
      {/* The key remounts the form, even while the previous one is still closing. */}
      <EditUserForm key={props.user.id} {...props} />
    </Dialog>
  );
}

/** Describes when the new role applies. */
function describeRoleChange({ hasAcceptedInvitation, isRoleFromClaim, provider }: UserSummary): string {
  if (!hasAcceptedInvitation) return 'They’ll have the new role when they accept.';
  if (isRoleFromClaim)
    return `They’ve been signed out. When they next sign in, they’ll get their role from ${provider}.`;
  return 'They’ve been signed out. The new role applies when they sign in again.';
}

/** Describes the effects of a saved edit. */
function describeSaved({ before, after, notifiedAddress }: SavedUserEdit, outbox: OutboxChannels): string {
  const sentences: string[] = [];
  if (before.active && !after.active) {
    sentences.push(
      after.hasAcceptedInvitation
        ? 'They’ve been signed out and can no longer sign in.'
        : 'Their invitation has been cancelled.',
    );
  }
  if (!before.active && after.active && after.hasSignInMethod) sentences.push('They can sign in again.');
  if (before.active && after.active && before.role !== after.role) {
    sentences.push(describeRoleChange(after));
  }
  if (notifiedAddress) {
    sentences.push(
      outbox.email
        ? `The notice of the new address for ${notifiedAddress} is in the outbox.`
        : `We’ll email ${notifiedAddress} to say the address has changed.`,
    );
  }
  if (after.active && after.invitation === 'expired') {
    sentences.push('Their invitation link no longer works. Resend the invitation.');
  }
  return sentences.join(' ');
}

function EditUserForm({ user, isSelf, onClose }: EditUserProps) {
  const toast = useToast();
  const outbox = useOutboxChannels();
  const editor = useUserEditor(user, {
    onSaved: (saved) => {
      onClose();
      const description = describeSaved(saved, outbox);
      toast({
        title: `Changes to ${saved.after.name || saved.after.email} saved`,
        ...(description && { description }),
        about: user.id,
      });
    },
    onAlreadySaved: ({ name, email }) => {
      onClose();
      toast({ tone: 'info', title: `${name || email} already has these details`, about: user.id });
    },
  });
  const { form, submit, latest, conflict, hasUnsavedChanges, signsOut, pending, failure, reauth } = editor;
  const { errors } = form.formState;
  return (
    <>
      <form onSubmit={submit} noValidate className="grid gap-4">
        {editor.isDraftRestored && <DraftNotice onDiscard={editor.discardDraft} />}
        {conflict && <UserConflictNotice {...conflict} />}
        <TextField
          label="Name"
          {...form.register('name')}
          error={errors.name?.message}
          description={
            user.hasAcceptedInvitation ? undefined : 'Optional: they’ll enter it when they accept.'
          }
          autoComplete="off"
        />
        <TextField
          label="Email address"
          type="email"
          {...form.register('email')}
          error={errors.email?.message}
          autoComplete="off"
          required
        />
        {isSelf ? (
          <OwnAccessFields role={user.role} />
        ) : (
          <AccessFields form={form} user={user} signsOut={signsOut} />
        )}
        <UserActions user={latest} isSelf={isSelf} hasUnsavedChanges={hasUnsavedChanges} />
        <ActionFailure failure={failure} />
        <DialogButtons>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" pending={pending} pendingLabel="Saving…">
            Save
          </Button>
        </DialogButtons>
      </form>
      <ReauthDialog {...reauth} />
    </>
  );
}

function UserConflictNotice({ current: { name, email, role, active }, changedBy }: UserConflict) {
  const title = `Not saved: ${describeChangedBy(changedBy)}`;
  return (
    <Notice tone="warning" announce title={title}>
      <p>
        Saved now: <bdi translate="no">{name || 'no name'}</bdi>, <bdi translate="no">{email}</bdi>,{' '}
        {formatRole(role)}, {active ? 'can sign in' : 'can’t sign in'}. Your edits are still here; the other
        fields show the saved values. Check them and save again.
      </p>
    </Notice>
  );
}
