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
import { describeResent, formatWait, LABELS } from './resend-labels.ts';

type SendAgainProps = {
  accountId: string;
  handOver: KeyDelivery;
  timeline: AccountTimeline;
  receivedAt: number;
  onSent: () => void;
};

const ENDED = 'This hand-over has ended: nothing more can be sent for it.';
const WHATS = ['email', 'text', 'both'] as const;

/** Sends the email, the text or both once more. While that has to wait, the buttons say for how long. */
export function ResendButtons({ accountId, handOver, timeline, receivedAt, onSent }: SendAgainProps) {
  const toast = useToast();
  const { act, pending, failure } = useServerAction(resendDelivery);
  const [asked, setAsked] = useState<ResendRequest | null>(null);
  const clock = useClock(timeline.readAt, receivedAt);
  const reasonId = useId();
  const { resendMessages: again } = timeline;
  const email = again ? formatWait('email', again.email, clock) : ENDED;
  const text = again ? formatWait('text', again.text, clock) : ENDED;
  const isOff = { email: email !== null, text: text !== null, both: email !== null && text !== null };
  const reasons = [...new Set([email, text])].filter((reason) => reason !== null);

  async function send(what: ResendRequest) {
    setAsked(what);
    const result = await act({ id: accountId, what });
    if (result) toast(describeResent(result, handOver));
    onSent();
  }

  return (
    <div className="grid gap-2">
      <fieldset className="flex flex-wrap gap-2">
        <legend className="sr-only">Send again</legend>
        {WHATS.map((what) => (
          <Button
            key={what}
            size="sm"
            className="px-2.5!"
            unavailable={isOff[what]}
            aria-describedby={reasons.length > 0 ? reasonId : undefined}
            pending={pending && asked === what}
            pendingLabel="Sending…"
            onClick={() => send(what)}
          >
            {LABELS[what]}
          </Button>
        ))}
      </fieldset>
      <div id={reasonId} className="text-muted text-sm tabular-nums empty:hidden">
        {reasons.map((reason) => (
          <p key={reason.slice(0, 5)}>{reason}</p>
        ))}
      </div>
      <ActionFailure failure={failure} />
    </div>
  );
}
