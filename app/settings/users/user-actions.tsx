'use client';
import { useId, useState } from 'react';
import { Button } from '#components/button.tsx';
import { useToast } from '#components/toast.tsx';
import type { InvitationState, UserSummary } from '#lib/identity/users/schema.ts';
import { ActionFailure } from '../action-failure.tsx';
import { ReauthDialog } from '../reauth/reauth-dialog.tsx';
import { useServerAction } from '../use-server-action.ts';
import { resendInvitation, signUserOutEverywhere } from './actions.ts';
import { UnlinkSso } from './unlink-sso.tsx';

const FAILED = {
  missing: 'This user is no longer there. Nothing was done.',
  not_invited: 'Nothing was sent: they have set a password meanwhile, or may not sign in.',
} as const;

/** Why a user cannot sign in, and what to do. */
const INVITATION_HINTS: Record<InvitationState, string | null> = {
  open: null,
  unsent: 'The invitation could not be sent. Check the email address, save, then send it again.',
  returned: 'The email with the invitation came back. Check the email address, save, then send it again.',
  over: 'The invitation is over: its link does not work any more. Send it again.',
  unlinked:
    'They have to sign in by single sign-on again. The account there that has this email address is linked with them then.',
  no_way_in:
    'They have no password, and there is no single sign-on. An invitation lets them in: they set a password with it.',
};

type UserActionsProps = {
  user: UserSummary;
  /** Whether the administrator edits their own user. */
  isSelf: boolean;
  /** Whether the form has unsaved changes. */
  isUnsaved: boolean;
};

/** Renders actions that take effect immediately. Those that use the saved email address require saving first. */
export function UserActions({ user, isSelf, isUnsaved }: UserActionsProps) {
  const { id, name, email, invited, accepted, invitation, active } = user;
  const toast = useToast();
  const reasonId = useId();
  const signOutAction = useServerAction(signUserOutEverywhere);
  const resendAction = useServerAction(resendInvitation);
  const [isResent, setIsResent] = useState(false);

  async function signOut() {
    const result = await signOutAction.run({ id });
    if (result?.ok) {
      const ownTitle = 'You were signed out everywhere else, and are still signed in here';
      toast({ title: result.keptOwnSession ? ownTitle : `${name || email} was signed out everywhere` });
    } else if (result) signOutAction.setFailure({ message: FAILED[result.reason], signInAgain: false });
  }

  async function resend() {
    const result = await resendAction.run({ id });
    if (result?.ok) {
      setIsResent(true);
      toast({ title: `The invitation goes to ${result.email} again` });
    } else if (result) resendAction.setFailure({ message: FAILED[result.reason], signInAgain: false });
  }

  const hint = active && invitation && !isResent ? INVITATION_HINTS[invitation] : null;
  return (
    <div className="grid gap-3">
      {hint && <p className="text-muted text-sm">{hint}</p>}
      <div className="flex flex-wrap gap-2">
        {accepted && (
          <Button size="sm" pending={signOutAction.pending} pendingLabel="Signing out…" onClick={signOut}>
            Sign out everywhere
          </Button>
        )}
        {invited && active && (
          <Button
            size="sm"
            unavailable={isUnsaved}
            aria-describedby={isUnsaved ? reasonId : undefined}
            pending={resendAction.pending}
            pendingLabel="Sending…"
            onClick={resend}
          >
            Send the invitation again
          </Button>
        )}
        <UnlinkSso user={user} isSelf={isSelf} isUnsaved={isUnsaved} />
      </div>
      {invited && active && isUnsaved && (
        <p id={reasonId} className="text-muted text-sm">
          Save first: the invitation goes to the address that is saved.
        </p>
      )}
      <ActionFailure failure={signOutAction.failure} />
      <ActionFailure failure={resendAction.failure} />
      <ReauthDialog {...resendAction.reauth} />
    </div>
  );
}
