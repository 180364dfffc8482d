'use client';
import { useId, useState } from 'react';
import { Button } from '#components/button.tsx';
import { useToast } from '#components/toast.tsx';
import type { InvitationState, UserSummary } from '#lib/identity/users/schema.ts';
import { ActionFailure } from '../action-failure.tsx';
import { ReauthDialog } from '../reauth/reauth-dialog.tsx';
import { useServerAction } from '../use-server-action.ts';
import { resendInvitation, signUserOutEverywhere } from './actions.ts';
import { UnlinkSsoButton } from './unlink-sso-button.tsx';
import { describeInvitationSent, MISSING_USER } from './user-messages.ts';

const FAILURE_MESSAGES = {
  not_found: MISSING_USER,
  not_invited: 'Not sent: they can already sign in, or their access is turned off.',
} as const;

/** Hints why a user cannot sign in, and what to do. */
const INVITATION_HINTS: Record<InvitationState, string | null> = {
  open: null,
  unsent: 'We couldn’t send the invitation. Check the email address, save, then resend it.',
  bounced: 'The invitation email bounced. Check the email address, save, then resend it.',
  expired: 'The invitation has expired. Resend it.',
  unlinked: 'They need to sign in with single sign-on again to link their account.',
  no_sign_in_method: 'They don’t have a password. Send an invitation so they can set one.',
};

type UserActionsProps = {
  user: UserSummary;
  /** Whether the administrator edits their own user. */
  isSelf: boolean;
  hasUnsavedChanges: boolean;
};

/** Renders actions that take effect immediately. Those that use the saved email address require saving first. */
export function UserActions({ user, isSelf, hasUnsavedChanges }: UserActionsProps) {
  const { id, name, email, hasSignInMethod, hasAcceptedInvitation, invitation, active } = user;
  const toast = useToast();
  const reasonId = useId();
  const signOutAction = useServerAction(signUserOutEverywhere);
  const resendAction = useServerAction(resendInvitation);
  const [isResent, setIsResent] = useState(false);

  async function signOut() {
    const result = await signOutAction.run({ id });
    if (result?.ok) {
      const ownTitle = 'You’ve been signed out everywhere else';
      toast({ title: result.keptOwnSession ? ownTitle : `${name || email} has been signed out everywhere` });
    } else if (result)
      signOutAction.setFailure({ message: FAILURE_MESSAGES[result.reason], needsSignIn: false });
  }

  async function resend() {
    const result = await resendAction.run({ id });
    if (result?.ok) {
      setIsResent(true);
      toast({ title: describeInvitationSent(result.email) });
    } else if (result)
      resendAction.setFailure({ message: FAILURE_MESSAGES[result.reason], needsSignIn: false });
  }

  const hint = active && invitation && !isResent ? INVITATION_HINTS[invitation] : null;
  return (
    <div className="grid gap-3">
      {hint && <p className="text-muted text-sm">{hint}</p>}
      <div className="flex flex-wrap gap-2">
        {hasAcceptedInvitation && (
          <Button size="sm" pending={signOutAction.pending} pendingLabel="Signing out…" onClick={signOut}>
            Sign out everywhere
          </Button>
        )}
        {!hasSignInMethod && active && (
          <Button
            size="sm"
            unavailable={hasUnsavedChanges}
            aria-describedby={hasUnsavedChanges ? reasonId : undefined}
            pending={resendAction.pending}
            pendingLabel="Sending…"
            onClick={resend}
          >
            {hasAcceptedInvitation ? 'Send invitation' : 'Resend invitation'}
          </Button>
        )}
        <UnlinkSsoButton user={user} isSelf={isSelf} hasUnsavedChanges={hasUnsavedChanges} />
      </div>
      {!hasSignInMethod && active && hasUnsavedChanges && (
        <p id={reasonId} className="text-muted text-sm">
          Save first. The invitation goes to the saved address.
        </p>
      )}
      <ActionFailure failure={signOutAction.failure} />
      <ActionFailure failure={resendAction.failure} />
      <ReauthDialog {...signOutAction.reauth} />
      <ReauthDialog {...resendAction.reauth} />
    </div>
  );
}
