'use client';
import { useId, useState } from 'react';
import { Button } from '#components/button.tsx';
import { useToast } from '#components/toast.tsx';
import { useClock } from '#components/use-clock.ts';
import type { ResendRequest } from '#lib/key-delivery/reveal/schema.ts';
import type { AccountTimeline, KeyDelivery } from '#lib/key-delivery/timeline/schema.ts';
import { ActionFailure } from '../../../action-failure.tsx';
import { ReauthDialog } from '../../../reauth/reauth-dialog.tsx';
import { useOutboxChannels } from '../../../test-mode/outbox-channels.tsx';
import { useServerAction } from '../../../use-server-action.ts';
import { resendDelivery } from '../actions.ts';
import { describeResendWait, describeResent, INVALID_LINK_MESSAGE, RESEND_LABELS } from './resend-labels.ts';

type ResendButtonsProps = {
  accountId: string;
  delivery: KeyDelivery;
  timeline: AccountTimeline;
  receivedAt: number;
  onSent: () => void;
};

const CHOICES = ['email', 'text', 'both'] as const;

const EFFECT = {
  done: 'The messages were resent.',
  maybe: 'The messages may have been resent: check the steps below before you try again.',
};

/** Resends the email, the SMS or both. If that is not possible yet, shows how long to wait. */
export function ResendButtons({ accountId, delivery, timeline, receivedAt, onSent }: ResendButtonsProps) {
  const toast = useToast();
  const outbox = useOutboxChannels();
  const { run, pending, failure, reauth } = useServerAction(resendDelivery, EFFECT);
  const [requested, setRequested] = useState<ResendRequest | null>(null);
  const now = useClock(timeline.readAt, receivedAt);
  const reasonId = useId();
  const { resendAvailability: availability } = timeline;
  const emailReason = availability
    ? describeResendWait('email', availability.email, now)
    : INVALID_LINK_MESSAGE;
  const textReason = availability ? describeResendWait('text', availability.text, now) : INVALID_LINK_MESSAGE;
  const isUnavailable = {
    email: emailReason !== null,
    text: textReason !== null,
    both: emailReason !== null && textReason !== null,
  };
  const reasons = Object.entries({
    email: emailReason,
    text: textReason === emailReason ? null : textReason,
  }).filter(([, reason]) => reason);

  async function send(what: ResendRequest) {
    setRequested(what);
    const result = await run({ id: accountId, revealId: delivery.id, what });
    if (result) toast({ ...describeResent(result, delivery, outbox), about: accountId });
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
            {RESEND_LABELS[what]}
          </Button>
        ))}
      </fieldset>
      <div id={reasonId} className="text-muted text-sm tabular-nums empty:hidden">
        {reasons.map(([channel, reason]) => (
          <p key={channel}>{reason}</p>
        ))}
      </div>
      <ActionFailure failure={failure} />
      <ReauthDialog {...reauth} />
    </div>
  );
}
