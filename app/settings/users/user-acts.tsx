'use client';
import { Button } from '#components/button.tsx';
import { useToast } from '#components/toast.tsx';
import type { UserSummary } from '#lib/users/schema.ts';
import { ActFailure } from '../act-failure.tsx';
import { ProofDialog } from '../proof/proof-dialog.tsx';
import { useAct } from '../use-act.ts';
import { sendInvitationAgain, signUserOutEverywhere } from './actions.ts';

const FAILED = {
  missing: 'This user is no longer there. Nothing was done.',
  not_invited: 'Nothing was sent: they have set a password meanwhile, or may not sign in.',
} as const;

/** What is done to a user at once, whatever stands in the form. */
export function UserActs({ user: { id, name, email, invited, active } }: { user: UserSummary }) {
  const toast = useToast();
  const out = useAct(signUserOutEverywhere);
  const again = useAct(sendInvitationAgain);

  async function signOut() {
    const result = await out.act({ id });
    if (result?.ok) toast({ title: `${name || email} was signed out everywhere` });
    else if (result) out.setFailure({ message: FAILED[result.reason], signInAgain: false });
  }

  async function invite() {
    const result = await again.act({ id });
    if (result?.ok) toast({ title: `The invitation goes to ${result.email} again` });
    else if (result) again.setFailure({ message: FAILED[result.reason], signInAgain: false });
  }

  return (
    <div className="grid gap-3">
      <div className="flex flex-wrap gap-2">
        <Button size="sm" pending={out.pending} pendingLabel="Signing out…" onClick={signOut}>
          Sign out everywhere
        </Button>
        {invited && active && (
          <Button size="sm" pending={again.pending} pendingLabel="Sending…" onClick={invite}>
            Send the invitation again
          </Button>
        )}
      </div>
      <ActFailure failure={out.failure} />
      <ActFailure failure={again.failure} />
      <ProofDialog {...again.proof} />
    </div>
  );
}
