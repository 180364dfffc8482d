'use client';
import { useId, useState } from 'react';
import { Button } from '#components/button.tsx';
import { uncapitalize } from '#components/format.ts';
import { formatRelative } from '#components/format-time.ts';
import { useTimeZone } from '#components/local-time.tsx';
import { useToast } from '#components/toast.tsx';
import type { InvitationState, UserSummary } from '#lib/identity/users/schema.ts';
import { ActionFailure } from '../action-failure.tsx';
import { ReauthDialog } from '../reauth/reauth-dialog.tsx';
import { useOutboxChannels } from '../test-mode/outbox-channels.tsx';
import { useServerAction } from '../use-server-action.ts';
import { resendInvitation, signUserOutEverywhere } from './actions.ts';
import { UnlinkSsoButton } from './unlink-sso-button.tsx';
import { describeChangedBy, describeInvitationSent, MISSING_USER } from './user-messages.ts';

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

const SIGN_OUT_EFFECT = {
  done: 'The user was signed out everywhere.',
  maybe: 'The user may have been signed out. You can safely try again.',
};
const RESEND_EFFECT = {
  done: 'The invitation was sent.',
  maybe: 'The invitation may have been sent. You can try again: we’ll ask first if it was.',
};

type InvitedAgain = Extract<Awaited<ReturnType<typeof resendInvitation>>, { reason: 'invited_again' }>;

/** Describes an invitation that was sent after the editor had been opened, and asks whether to send another. */
function describeInvitedAgain({ by, isOwn, at, readAt }: InvitedAgain, timeZone: string): string {
  const sender = isOwn ? 'You' : (by ?? 'Another administrator');
  const when = uncapitalize(formatRelative(at, readAt, timeZone));
  return `Not sent: ${sender} already sent an invitation ${when}. Send another? The link in the earlier email will stop working.`;
}

type UserActionsProps = {
  user: UserSummary;
  /** Whether the administrator edits their own user. */
  isSelf: boolean;
  hasUnsavedChanges: boolean;
};

/** Renders actions that take effect immediately. Those that use the saved email address require saving first. */
export function UserActions({ user, isSelf, hasUnsavedChanges }: UserActionsProps) {
  const { id, version, name, email, hasSignInMethod, hasAcceptedInvitation, invitation, active } = user;
  const toast = useToast();
  const outbox = useOutboxChannels();
  const reasonId = useId();
  const signOutAction = useServerAction(signUserOutEverywhere, SIGN_OUT_EFFECT);
  const resendAction = useServerAction(resendInvitation, RESEND_EFFECT);
  const [isResent, setIsResent] = useState(false);
  /** The invitation that the administrator knows of. */
  const [invitationId, setInvitationId] = useState(user.invitationId);
  const timeZone = useTimeZone();

  async function signOut() {
    const result = await signOutAction.run({ id });
    if (result?.ok) {
      const ownTitle = 'You’ve been signed out everywhere else';
      const title = result.keptOwnSession ? ownTitle : `${name || email} has been signed out everywhere`;
      toast({ title, about: id });
    } else if (result)
      signOutAction.setFailure({ message: FAILURE_MESSAGES[result.reason], needsSignIn: false });
  }

  async function resend() {
    const result = await resendAction.run({ id, seen: { version, invitationId } });
    if (result?.ok) {
      setIsResent(true);
      setInvitationId(result.invitationId);
      toast({ title: describeInvitationSent(result.email, outbox), about: id });
    } else if (result?.reason === 'conflict') {
      const message = `Not sent: ${describeChangedBy(result.changedBy)}. Their email address is now ${result.current.email}. Reopen this user, check the address, then try again.`;
      resendAction.setFailure({ message, needsSignIn: false });
    } else if (result?.reason === 'invited_again') {
      setInvitationId(result.invitationId);
      resendAction.setFailure({ message: describeInvitedAgain(result, timeZone), needsSignIn: false });
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
