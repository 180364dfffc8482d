'use client';
import { Button } from '#components/button.tsx';
import { useToast } from '#components/toast.tsx';
import { ActionFailure } from '../action-failure.tsx';
import { useServerAction } from '../use-server-action.ts';
import { redeliverWebhook } from './actions.ts';

const EFFECT = {
  done: 'The event was sent again.',
  maybe: 'The event may have been sent again: check the attempts.',
};

const FAILURES = {
  not_found: 'This delivery doesn’t exist any more. Deliveries are kept for 30 days.',
  disabled: 'The endpoint is disabled. Enable it first.',
  pending: 'The event is being sent already.',
};

/** Renders the button that sends the event of a delivery again. */
export function RedeliverButton({ id }: { id: string }) {
  const toast = useToast();
  const { run, pending, failure, setFailure } = useServerAction(redeliverWebhook, EFFECT);

  async function redeliver() {
    const result = await run({ id });
    if (!result) return;
    if (result.ok) toast({ title: 'Event sent again', description: 'See below if it arrives.', about: id });
    else setFailure({ message: FAILURES[result.reason], needsSignIn: false });
  }

  return (
    <div className="grid justify-items-start gap-3">
      <Button pending={pending} pendingLabel="Sending…" onClick={redeliver}>
        Redeliver
      </Button>
      <ActionFailure failure={failure} />
    </div>
  );
}
