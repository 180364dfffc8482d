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

/** Why somebody cannot sign in yet, or any more, and what lets them in. */
const OUTCOMES: Record<InvitationState, string | null> = {
  open: null,
  unsent: 'The invitation could not be sent. Check the email address, save, then send it again.',
  returned: 'The email with the invitation came back. Check the email address, save, then send it again.',
  over: 'The invitation is over: its link does not work any more. Send it again.',
  unlinked:
    'They have to sign in by single sign-on again. The account there that has this email address is linked with them then.',
  no_way_in:
    'They have no password, and there is no single sign-on. An invitation lets them in: they set a password with it.',
};

type UserActsProps = {
  user: UserSummary;
  /** It is whoever looks at it. */
  own: boolean;
  /** Something stands in the form that was not saved. */
  unsaved: boolean;
};

/** What is done to a user at once. What goes by the saved address is not done while another may stand above it. */
export function UserActions({ user, own, unsaved }: UserActsProps) {
  const { id, name, email, invited, accepted, invitation, active } = user;
  const toast = useToast();
  const reasonId = useId();
  const out = useServerAction(signUserOutEverywhere);
  const again = useServerAction(resendInvitation);
  const [sentAgain, setSentAgain] = useState(false);

  async function signOut() {
    const result = await out.act({ id });
    if (result?.ok) {
      const stayed = 'You were signed out everywhere else, and are still signed in here';
      toast({ title: result.stayed ? stayed : `${name || email} was signed out everywhere` });
    } else if (result) out.setFailure({ message: FAILED[result.reason], signInAgain: false });
  }

  async function invite() {
    const result = await again.act({ id });
    if (result?.ok) {
      setSentAgain(true);
      toast({ title: `The invitation goes to ${result.email} again` });
    } else if (result) again.setFailure({ message: FAILED[result.reason], signInAgain: false });
  }

  const unheard = active && invitation && !sentAgain ? OUTCOMES[invitation] : null;
  return (
    <div className="grid gap-3">
      {unheard && <p className="text-muted text-sm">{unheard}</p>}
      <div className="flex flex-wrap gap-2">
        {accepted && (
          <Button size="sm" pending={out.pending} pendingLabel="Signing out…" onClick={signOut}>
            Sign out everywhere
          </Button>
        )}
        {invited && active && (
          <Button
            size="sm"
            unavailable={unsaved}
            aria-describedby={unsaved ? reasonId : undefined}
            pending={again.pending}
            pendingLabel="Sending…"
            onClick={invite}
          >
            Send the invitation again
          </Button>
        )}
        <UnlinkSso user={user} own={own} unsaved={unsaved} />
      </div>
      {invited && active && unsaved && (
        <p id={reasonId} className="text-muted text-sm">
          Save first: the invitation goes to the address that is saved.
        </p>
      )}
      <ActionFailure failure={out.failure} />
      <ActionFailure failure={again.failure} />
      <ReauthDialog {...again.proof} />
    </div>
  );
}
