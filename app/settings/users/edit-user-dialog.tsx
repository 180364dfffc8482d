'use client';
import { Button } from '#components/button.tsx';
import { Dialog, DialogButtons } from '#components/dialog.tsx';
import { Notice } from '#components/notice.tsx';
import { TextField } from '#components/text-field.tsx';
import { useToast } from '#components/toast.tsx';
import type { UserSummary } from '#lib/identity/users/schema.ts';
import { ActionFailure } from '../action-failure.tsx';
import { ReauthDialog } from '../reauth/reauth-dialog.tsx';
import { OwnRightsFields, RightsFields } from './rights-fields.tsx';
import { formatRole } from './role-field.tsx';
import { type UserConflict, type UserSaved, useUserEditor } from './use-user-editor.ts';
import { UserActions } from './user-actions.tsx';

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
function describeRoleChange({ accepted, roleByClaim, provider }: UserSummary): string {
  if (!accepted) return 'They have the new role once they have accepted.';
  if (roleByClaim)
    return `They were signed out everywhere. From their next sign-in on, their role is the one that they have at ${provider}.`;
  return 'They were signed out everywhere, and have the new role when they sign in again.';
}

/** Describes the effects of a saved edit. */
function describeSaved({ before, after, notifiedAddress }: UserSaved): string {
  const sentences: string[] = [];
  if (before.active && !after.active) {
    sentences.push(
      after.accepted
        ? 'They were signed out, and may not sign in any more.'
        : 'Their invitation is over, and they may not sign in.',
    );
  }
  if (!before.active && after.active) sentences.push('They may sign in again.');
  if (before.active && after.active && before.role !== after.role) {
    sentences.push(describeRoleChange(after));
  }
  if (notifiedAddress) sentences.push(`We tell ${notifiedAddress} that the address changed.`);
  if (after.active && after.invitation === 'over') {
    sentences.push('The link of their invitation does not work any more: send it again.');
  }
  return sentences.join(' ');
}

function EditUserForm({ user, isSelf, onClose }: EditUserProps) {
  const toast = useToast();
  const { form, submit, latest, conflict, isUnsaved, signsOut, pending, failure, reauth } = useUserEditor(
    user,
    (saved) => {
      onClose();
      toast({
        title: `${saved.after.name || saved.after.email} was saved`,
        description: describeSaved(saved) || 'Nobody was signed out.',
      });
    },
  );
  const { errors } = form.formState;
  return (
    <>
      <form onSubmit={submit} noValidate className="grid gap-4">
        {conflict && <UserConflictNotice {...conflict} />}
        <TextField
          label="Name"
          {...form.register('name')}
          error={errors.name?.message}
          description={user.accepted ? undefined : 'May stay empty until they give it.'}
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
          <OwnRightsFields role={user.role} />
        ) : (
          <RightsFields form={form} user={user} signsOut={signsOut} />
        )}
        <UserActions user={latest} isSelf={isSelf} isUnsaved={isUnsaved} />
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
  const title = `Not saved: ${changedBy ?? 'somebody'} changed this user after you opened them`;
  return (
    <Notice tone="warning" announce title={title}>
      <p>
        Saved now: <bdi translate="no">{name || 'no name'}</bdi>, <bdi translate="no">{email}</bdi>,{' '}
        {formatRole(role)}, {active ? 'may sign in' : 'may not sign in'}. What you typed is still here, and
        what you had not touched says what was saved. Look through it, then save once more.
      </p>
    </Notice>
  );
}
