'use client';
import { zodResolver } from '@hookform/resolvers/zod';
import { useForm } from 'react-hook-form';
import { z } from 'zod';
import { Button } from '#components/button.tsx';
import { Dialog, DialogButtons } from '#components/dialog.tsx';
import { SelectField } from '#components/select-field.tsx';
import { TextField } from '#components/text-field.tsx';
import { useToast } from '#components/toast.tsx';
import { EMAIL_LINK_HOURS } from '#lib/identity/email-links/limits.ts';
import { type InviteUserInput, inviteUserSchema } from '#lib/identity/users/schema.ts';
import { formatDuration } from '#lib/platform/rate-limiter/format.ts';
import { DRAFT_KEYS } from '../../drafts/draft-keys.ts';
import { DraftNotice } from '../../drafts/draft-notice.tsx';
import { useFormDraft } from '../../drafts/use-form-draft.ts';
import { ActionFailure } from '../action-failure.tsx';
import { ReauthDialog } from '../reauth/reauth-dialog.tsx';
import { useOutboxChannels } from '../test-mode/outbox-channels.tsx';
import { useServerAction } from '../use-server-action.ts';
import { invite } from './actions.ts';
import { RoleDescription, RoleOptions } from './role-options.tsx';
import { describeInvitationSent } from './user-messages.ts';

type InviteDialogProps = {
  open: boolean;
  /** The OpenID provider whose claim sets roles; null if none does. */
  roleProvider: string | null;
  /** The OpenID provider if it is the only sign-in method. */
  ssoOnlyProvider: string | null;
  onClose: () => void;
};

const draftSchema = z.object({ email: z.string(), role: inviteUserSchema.shape.role });

const EFFECT = {
  done: 'The user was invited.',
  maybe: 'The user may have been invited: check the list of users before you try again.',
};

export function InviteDialog({ open, roleProvider, ssoOnlyProvider, onClose }: InviteDialogProps) {
  return (
    <Dialog
      open={open}
      onOpenChange={onClose}
      title="Invite a user"
      description={
        ssoOnlyProvider
          ? `We’ll email them a link to sign in with ${ssoOnlyProvider}.`
          : `We’ll email them a link to set a password. It works for ${formatDuration(EMAIL_LINK_HOURS.invitation, 'hour')}.`
      }
    >
      <InviteForm roleProvider={roleProvider} onClose={onClose} />
    </Dialog>
  );
}

function InviteForm({ roleProvider, onClose }: Pick<InviteDialogProps, 'roleProvider' | 'onClose'>) {
  const toast = useToast();
  const outbox = useOutboxChannels();
  const { run, pending, failure, reauth } = useServerAction(invite, EFFECT);
  const { register, handleSubmit, setError, formState, ...form } = useForm({
    resolver: zodResolver(inviteUserSchema),
    defaultValues: { email: '', role: 'settings_viewer' as InviteUserInput['role'] },
  });

  const typed = form.watch();
  const draft = useFormDraft({
    form,
    firstField: 'email',
    key: DRAFT_KEYS.invite,
    schema: draftSchema,
    typed: typed.email ? typed : null,
  });

  const submit = handleSubmit(async (values) => {
    const result = await run(values);
    if (!result) return;
    if (result.ok) {
      onClose();
      toast({ title: describeInvitationSent(values.email, outbox) });
    } else {
      const message = 'A user already has this email address. They may be inactive.';
      setError('email', { type: 'server', message }, { shouldFocus: true });
    }
  });

  return (
    <>
      <form onSubmit={submit} noValidate className="grid gap-4">
        {draft.isRestored && <DraftNotice onDiscard={draft.discard} />}
        <TextField
          label="Email address"
          type="email"
          {...register('email')}
          error={formState.errors.email?.message}
          autoComplete="off"
          required
        />
        <SelectField
          label="Role"
          {...register('role', { setValueAs: (value) => value || null })}
          description={<RoleDescription provider={roleProvider} isLinked={false} />}
        >
          <RoleOptions />
        </SelectField>
        <ActionFailure failure={failure} />
        <DialogButtons>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" pending={pending} pendingLabel="Inviting…">
            Send invitation
          </Button>
        </DialogButtons>
      </form>
      <ReauthDialog {...reauth} />
    </>
  );
}
