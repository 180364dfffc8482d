'use client';
import { useState } from 'react';
import { Button } from '#components/button.tsx';
import { Dialog, DialogButtons } from '#components/dialog.tsx';
import { EmailAddress } from '#components/email-address.tsx';
import { Notice } from '#components/notice.tsx';
import { useToast } from '#components/toast.tsx';
import type { UserSummary } from '#lib/users/schema.ts';
import { ActFailure } from '../act-failure.tsx';
import { ProofDialog } from '../proof/proof-dialog.tsx';
import { useAct } from '../use-act.ts';
import { forgetProviderAccount } from './actions.ts';

const FAILED = {
  missing: 'This user is no longer there. Nothing was done.',
  not_linked: 'Nothing was done: no account is linked with them any more. Somebody was faster.',
  last: 'Nothing was done: somebody has to remain who can sign in as a Settings Administrator. Give another user that role first, and let them sign in.',
} as const;

type ForgetProps = { user: UserSummary; onClose: () => void; onForgotten: () => void };

/** Where an account at the provider is linked with a user: a button that asks whether to forget it, and what it asks. */
export function ForgetSingleSignOn({ user }: { user: UserSummary }) {
  const [open, setOpen] = useState(false);
  // The editor keeps the user as they were when it was opened.
  const [forgotten, setForgotten] = useState(false);
  const close = () => setOpen(false);
  if (!user.provider) return null;
  return (
    <>
      {/* It stays where it was: the keyboard comes back to it. */}
      <Button size="sm" unavailable={forgotten} onClick={() => setOpen(true)}>
        {forgotten ? 'Single sign-on was forgotten' : 'Forget single sign-on'}
      </Button>
      <Dialog
        open={open}
        onOpenChange={close}
        title="Forget single sign-on"
        description={<bdi className="break-words font-medium text-ink">{user.name || user.email}</bdi>}
      >
        <Forget user={user} onClose={close} onForgotten={() => setForgotten(true)} />
      </Dialog>
    </>
  );
}

function Forget({ user: { id, name, email, provider }, onClose, onForgotten }: ForgetProps) {
  const toast = useToast();
  const { act, pending, failure, setFailure, proof } = useAct(forgetProviderAccount);

  async function forget() {
    const result = await act({ id });
    if (result?.ok) {
      onForgotten();
      onClose();
      toast({
        title: `The single sign-on of ${name || email} was forgotten`,
        description: result.stayed
          ? 'You were signed out everywhere else, and are still signed in here.'
          : `They were signed out everywhere. At ${provider}, whoever has ${result.email} signs in as them next.`,
      });
    } else if (result) setFailure({ message: FAILED[result.reason], signInAgain: false });
  }

  return (
    <div className="grid gap-4">
      <p>
        For somebody whose account at {provider} was made anew: they are refused there, since another account
        is linked with them here.
      </p>
      <Notice tone="warning" title="They are signed out everywhere at once, and told by email.">
        <p>
          The next account at {provider} that signs in with <EmailAddress>{email}</EmailAddress> is linked
          with them: make sure that this is their address there, and nobody else’s.
        </p>
      </Notice>
      <ActFailure failure={failure} />
      <ProofDialog {...proof} />
      <DialogButtons>
        <Button onClick={onClose}>Cancel</Button>
        <Button variant="danger" pending={pending} pendingLabel="Forgetting…" onClick={forget}>
          Forget single sign-on
        </Button>
      </DialogButtons>
    </div>
  );
}
