'use client';
import { zodResolver } from '@hookform/resolvers/zod';
import { useForm } from 'react-hook-form';
import { Button } from '#components/button.tsx';
import { Dialog, DialogButtons } from '#components/dialog.tsx';
import { SelectField } from '#components/select-field.tsx';
import { TextField } from '#components/text-field.tsx';
import { useToast } from '#components/toast.tsx';
import { type InviteUser, inviteUserSchema } from '#lib/identity/users/schema.ts';
import { ActionFailure } from '../action-failure.tsx';
import { ReauthDialog } from '../reauth/reauth-dialog.tsx';
import { useServerAction } from '../use-server-action.ts';
import { invite } from './actions.ts';
import { RoleDescription, RoleOptions } from './role-field.tsx';

type InviteDialogProps = {
  open: boolean;
  /** The OpenID provider whose claim sets roles; null if none does. */
  roleProvider: string | null;
  onClose: () => void;
};

export function InviteDialog({ open, roleProvider, onClose }: InviteDialogProps) {
  return (
    <Dialog
      open={open}
      onOpenChange={onClose}
      title="Invite a user"
      description="They get an email with a link, good for 24 hours, with which they set a password."
    >
      <InviteForm roleProvider={roleProvider} onClose={onClose} />
    </Dialog>
  );
}

function InviteForm({ roleProvider, onClose }: Omit<InviteDialogProps, 'open'>) {
  const toast = useToast();
  const { run, pending, failure, setFailure, reauth } = useServerAction(invite);
  const { register, handleSubmit, setError, formState } = useForm({
    resolver: zodResolver(inviteUserSchema),
    defaultValues: { email: '', role: 'settings_viewer' as InviteUser['role'] },
  });

  const submit = handleSubmit(async (values) => {
    const result = await run(values);
    if (!result) return;
    if (result.ok) {
      onClose();
      toast({ title: `${values.email} was invited`, description: 'The email is on its way.' });
    } else if (result.reason === 'taken') {
      const message = 'A user has this address already. Look for them in the list: they may be not active.';
      setError('email', { type: 'server', message }, { shouldFocus: true });
    } else {
      setFailure({ message: 'This could not be read. Reload the page, then try again.', signInAgain: false });
    }
  });

  return (
    <>
      <form onSubmit={submit} noValidate className="grid gap-4">
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
            Send the invitation
          </Button>
        </DialogButtons>
      </form>
      <ReauthDialog {...reauth} />
    </>
  );
}
