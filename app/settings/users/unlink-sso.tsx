'use client';
import { useId, useState } from 'react';
import { Button } from '#components/button.tsx';
import { Dialog, DialogButtons } from '#components/dialog.tsx';
import { EmailAddress } from '#components/email-address.tsx';
import { Notice } from '#components/notice.tsx';
import { useToast } from '#components/toast.tsx';
import type { UserSummary } from '#lib/identity/users/schema.ts';
import { ActionFailure } from '../action-failure.tsx';
import { ReauthDialog } from '../reauth/reauth-dialog.tsx';
import { useServerAction } from '../use-server-action.ts';
import { unlinkProviderAccount } from './actions.ts';

const FAILED = {
  missing: 'This user is no longer there. Nothing was done.',
  not_linked: 'Nothing was done: no account is linked with them any more. Somebody was faster.',
  last: 'Nothing was done: somebody has to remain who can sign in as a Settings Administrator. Give another user that role first, and let them sign in.',
} as const;

type UnlinkSsoProps = {
  user: UserSummary;
  /** Whether the administrator edits their own user. */
  isSelf: boolean;
  /** Whether the editor has unsaved changes. */
  isUnsaved: boolean;
};
type UnlinkSsoFormProps = Omit<UnlinkSsoProps, 'isUnsaved'> & { onClose: () => void; onUnlinked: () => void };

/** Renders a button that unlinks the user's SSO account, and its dialog; nothing if none is linked. */
export function UnlinkSso({ user, isSelf, isUnsaved }: UnlinkSsoProps) {
  const reasonId = useId();
  const [open, setOpen] = useState(false);
  // The editor's `user` does not change while the editor is open.
  const [isUnlinked, setIsUnlinked] = useState(false);
  const close = () => setOpen(false);
  if (!user.provider) return null;
  return (
    <>
      {/* The button stays, so that it can get the focus back. */}
      <Button
        size="sm"
        unavailable={isUnlinked || isUnsaved}
        aria-describedby={isUnsaved && !isUnlinked ? reasonId : undefined}
        onClick={() => setOpen(true)}
      >
        {isUnlinked ? 'Single sign-on was forgotten' : 'Forget single sign-on'}
      </Button>
      {isUnsaved && !isUnlinked && (
        <p id={reasonId} className="w-full text-muted text-sm">
          Save first: whoever has the address that is saved is linked with them next.
        </p>
      )}
      <Dialog
        open={open}
        onOpenChange={close}
        title="Forget single sign-on"
        description={<bdi className="break-words font-medium text-ink">{user.name || user.email}</bdi>}
      >
        <UnlinkSsoForm user={user} isSelf={isSelf} onClose={close} onUnlinked={() => setIsUnlinked(true)} />
      </Dialog>
    </>
  );
}

function UnlinkSsoForm({ user, isSelf, onClose, onUnlinked }: UnlinkSsoFormProps) {
  const { id, version, name, email, provider } = user;
  const toast = useToast();
  const { run, pending, failure, setFailure, reauth } = useServerAction(unlinkProviderAccount);

  async function unlink() {
    const result = await run({ id, version });
    if (result?.ok) {
      onUnlinked();
      onClose();
      toast({
        title: `The single sign-on of ${name || email} was forgotten`,
        description: result.keptOwnSession
          ? 'You were signed out everywhere else, and are still signed in here.'
          : `They were signed out everywhere. At ${provider}, whoever has ${result.email} signs in as them next.`,
      });
    } else if (result?.reason === 'conflict') {
      const message = `Nothing was done: ${result.changedBy ?? 'somebody'} changed this user after you opened them. The address saved now is ${result.current.email}. Close the editor, open it again and look at it, then try once more.`;
      setFailure({ message, signInAgain: false });
    } else if (result) setFailure({ message: FAILED[result.reason], signInAgain: false });
  }

  return (
    <div className="grid gap-4">
      {isSelf ? <OwnConsequences user={user} /> : <Consequences user={user} />}
      <ActionFailure failure={failure} />
      <ReauthDialog {...reauth} />
      <DialogButtons>
        <Button onClick={onClose}>Cancel</Button>
        <Button variant="danger" pending={pending} pendingLabel="Forgetting…" onClick={unlink}>
          Forget single sign-on
        </Button>
      </DialogButtons>
    </div>
  );
}

function Consequences({ user: { email, provider } }: { user: UserSummary }) {
  return (
    <>
      <p>
        This ends the link between this user and their account at {provider}. Do it where that account was
        made anew: the new one is refused here as long as the one before is linked.
      </p>
      <Notice tone="warning" title="They are signed out everywhere at once, and told by email.">
        <p>
          The next account at {provider} that signs in with <EmailAddress>{email}</EmailAddress> is linked
          with them: make sure that this is their address there, and nobody else’s.
        </p>
      </Notice>
    </>
  );
}

function OwnConsequences({ user: { email, provider } }: { user: UserSummary }) {
  return (
    <Notice tone="warning" title="You stay signed in here, and are signed out everywhere else.">
      <p>
        Your next sign-in at {provider} goes by <EmailAddress>{email}</EmailAddress>: make sure that this is
        your address there. Until then you cannot confirm who you are at {provider}.
      </p>
    </Notice>
  );
}
