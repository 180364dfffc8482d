'use client';
import { useId, useState } from 'react';
import { Button } from '#components/button.tsx';
import { useToast } from '#components/toast.tsx';
import { useClock } from '#components/use-clock.ts';
import type { ResendRequest } from '#lib/key-delivery/reveal/schema.ts';
import type { AccountTimeline, KeyDelivery } from '#lib/key-delivery/timeline/schema.ts';
import { ActionFailure } from '../../../action-failure.tsx';
import { useServerAction } from '../../../use-server-action.ts';
import { resendDelivery } from '../actions.ts';
import { describeResendWait, describeResent, LABELS, LINK_ENDED } from './resend-labels.ts';

type ResendButtonsProps = {
  accountId: string;
  delivery: KeyDelivery;
  timeline: AccountTimeline;
  receivedAt: number;
  onSent: () => void;
};

const CHOICES = ['email', 'text', 'both'] as const;

/** Resends the email, the SMS or both. If that is not possible yet, shows how long to wait. */
export function ResendButtons({ accountId, delivery, timeline, receivedAt, onSent }: ResendButtonsProps) {
  const toast = useToast();
  const { run, pending, failure } = useServerAction(resendDelivery);
  const [requested, setRequested] = useState<ResendRequest | null>(null);
  const clock = useClock(timeline.readAt, receivedAt);
  const reasonId = useId();
  const { resendMessages: waits } = timeline;
  const email = waits ? describeResendWait('email', waits.email, clock) : LINK_ENDED;
  const text = waits ? describeResendWait('text', waits.text, clock) : LINK_ENDED;
  const isUnavailable = { email: email !== null, text: text !== null, both: email !== null && text !== null };
  const reasons = Object.entries({ email, text: text === email ? null : text }).filter(
    ([, reason]) => reason,
  );

  async function send(what: ResendRequest) {
    setRequested(what);
    const result = await run({ id: accountId, what });
    if (result) toast(describeResent(result, delivery));
    onSent();
  }

  return (
    <div className="grid gap-2">
      <fieldset className="flex flex-wrap gap-2">
        <legend className="sr-only">Resend</legend>
        {CHOICES.map((what) => (
          <Button
            key={what}
            size="sm"
            className="px-2.5!"
            unavailable={isUnavailable[what]}
            aria-describedby={reasons.length > 0 ? reasonId : undefined}
            pending={pending && requested === what}
            pendingLabel="Sending…"
            onClick={() => send(what)}
          >
            {LABELS[what]}
          </Button>
        ))}
      </fieldset>
      <div id={reasonId} className="text-muted text-sm tabular-nums empty:hidden">
        {reasons.map(([channel, reason]) => (
          <p key={channel}>{reason}</p>
        ))}
      </div>
      <ActionFailure failure={failure} />
    </div>
  );
}
