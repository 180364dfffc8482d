'use client';
import { Button } from '#components/button.tsx';
import { useToast } from '#components/toast.tsx';
import type { AccountSummary } from '#lib/api-accounts/schema.ts';
import type { ResendRequest } from '#lib/key-delivery/reveal/schema.ts';
import { ReauthDialog } from '../../../reauth/reauth-dialog.tsx';
import { useOutboxChannels } from '../../../test-mode/outbox-channels.tsx';
import { useServerAction } from '../../../use-server-action.ts';
import { resendDelivery } from '../actions.ts';
import { describeResent } from '../editor/resend-labels.ts';
import { buildNameId } from './name-id.ts';
import { useFailureToast } from './use-failure-toast.tsx';

const EFFECT = {
  done: 'The messages were resent.',
  maybe: 'The messages may have been resent: open the account to check before you try again.',
};

/** Resends the messages of an account that did not arrive, with one click. */
export function ResendButton({ account, what }: { account: AccountSummary; what: ResendRequest }) {
  const toast = useToast();
  const outbox = useOutboxChannels();
  const { run, pending, failure, reauth } = useServerAction(resendDelivery, EFFECT);
  useFailureToast(failure, 'Resend didn’t complete', account.id);

  async function resend() {
    const { id, revealId } = account;
    if (!revealId) return;
    const result = await run({ id, revealId, what });
    if (!result) return;
    toast({ ...describeResent(result, account, outbox), about: id });
    // The button disappears if the problem is resolved.
    if (result.ok) document.getElementById(buildNameId(id))?.closest('a')?.focus({ preventScroll: true });
  }

  return (
    <>
      <Button
        size="sm"
        className="px-2.5! text-xs"
        aria-describedby={buildNameId(account.id)}
        pending={pending}
        pendingLabel="Sending…"
        onClick={resend}
      >
        Resend
      </Button>
      <ReauthDialog {...reauth} />
    </>
  );
}
