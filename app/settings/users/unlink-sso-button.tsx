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
import { ADMINISTRATOR_REQUIRED, describeChangedBy, MISSING_USER } from './user-messages.ts';

const TITLE = 'Unlink single sign-on';

const EFFECT = {
  done: 'Single sign-on was unlinked.',
  maybe: 'Single sign-on may have been unlinked. You can safely try again.',
};

const FAILURE_MESSAGES = {
  not_found: MISSING_USER,
  not_linked: 'This user’s single sign-on is already unlinked.',
  last_administrator: `Not unlinked: ${ADMINISTRATOR_REQUIRED} Give someone else the role first, and have them sign in.`,
} as const;

type UnlinkSsoButtonProps = {
  user: UserSummary;
  /** Whether the administrator edits their own user. */
  isSelf: boolean;
  hasUnsavedChanges: boolean;
};
type UnlinkSsoFormProps = Omit<UnlinkSsoButtonProps, 'hasUnsavedChanges'> & {
  onClose: () => void;
  onUnlinked: () => void;
};

/** Renders a button that opens a dialog to unlink the user's SSO account; nothing if no account is linked. */
export function UnlinkSsoButton({ user, isSelf, hasUnsavedChanges }: UnlinkSsoButtonProps) {
  const reasonId = useId();
  const [open, setOpen] = useState(false);
  // The open editor does not reload `user` after unlinking.
  const [isUnlinked, setIsUnlinked] = useState(false);
  const close = () => setOpen(false);
  if (!user.provider) return null;
  return (
    <>
      {/* The button stays, so that it can get the focus back. */}
      <Button
        size="sm"
        unavailable={isUnlinked || hasUnsavedChanges}
        aria-describedby={hasUnsavedChanges && !isUnlinked ? reasonId : undefined}
        onClick={() => setOpen(true)}
      >
        {isUnlinked ? 'Single sign-on unlinked' : TITLE}
      </Button>
      {hasUnsavedChanges && !isUnlinked && (
        <p id={reasonId} className="w-full text-muted text-sm">
          Save first. The next account to sign in with the saved address will be linked to this user.
        </p>
      )}
      <Dialog
        open={open}
        onOpenChange={close}
        title={TITLE}
        description={<bdi className="break-words font-medium text-ink">{user.name || user.email}</bdi>}
      >
        <UnlinkSsoForm user={user} isSelf={isSelf} onClose={close} onUnlinked={() => setIsUnlinked(true)} />
      </Dialog>
    </>
  );
}

function UnlinkSsoForm({ user, isSelf, onClose, onUnlinked }: UnlinkSsoFormProps) {
  const { id, version, name, email, provider } = user;
  /** The linked account that the dialog is about. */
  const [identityId, setIdentityId] = useState(user.identityId);
  const toast = useToast();
  const { run, pending, failure, setFailure, reauth } = useServerAction(unlinkProviderAccount, EFFECT);

  async function unlink() {
    const result = await run({ id, version, identityId });
    if (result?.ok) {
      onUnlinked();
      onClose();
      toast({
        title: `Single sign-on unlinked for ${name || email}`,
        description: result.keptOwnSession
          ? 'You’ve been signed out everywhere else.'
          : `They’ve been signed out everywhere. The next ${provider} account to sign in as ${result.email} will be linked to them.`,
        about: id,
      });
    } else if (result?.reason === 'conflict') {
      const message = `Not unlinked: ${describeChangedBy(result.changedBy)}. Their email address is now ${result.current.email}. Reopen this user, check the address, then try again.`;
      setFailure({ message, needsSignIn: false });
    } else if (result?.reason === 'relinked') {
      setIdentityId(result.identityId);
      const message = `Not unlinked: since you opened this, they’ve signed in with another ${provider} account, which is now linked. Unlink that one too?`;
      setFailure({ message, needsSignIn: false });
    } else if (result) setFailure({ message: FAILURE_MESSAGES[result.reason], needsSignIn: false });
  }

  return (
    <div className="grid gap-4">
      {isSelf ? <OwnConsequences user={user} /> : <Consequences user={user} />}
      <ActionFailure failure={failure} />
      <ReauthDialog {...reauth} />
      <DialogButtons>
        <Button onClick={onClose}>Cancel</Button>
        <Button variant="danger" pending={pending} pendingLabel="Unlinking…" onClick={unlink}>
          {TITLE}
        </Button>
      </DialogButtons>
    </div>
  );
}

function Consequences({ user: { email, provider } }: { user: UserSummary }) {
  return (
    <>
      <p>
        Unlink this user from their {provider} account, for example if that account was recreated. Until you
        do, the new one can’t sign in.
      </p>
      <Notice tone="warning" title="They’ll be signed out everywhere and notified by email.">
        <p>
          The next {provider} account to sign in as <EmailAddress>{email}</EmailAddress> will be linked to
          this user. Make sure that address is theirs.
        </p>
      </Notice>
    </>
  );
}

function OwnConsequences({ user: { email, provider } }: { user: UserSummary }) {
  return (
    <Notice tone="warning" title="You’ll stay signed in here and be signed out everywhere else.">
      <p>
        The next {provider} account to sign in as <EmailAddress>{email}</EmailAddress> will be linked to you.
        Make sure that address is yours. Until then, you can’t use {provider} to confirm it’s you.
      </p>
    </Notice>
  );
}
