'use client';
import { CircleCheck } from 'lucide-react';
import { EmailAddress } from '#components/email-address.tsx';
import { RichText } from '#components/rich-text.tsx';
import { Spinner } from '#components/spinner.tsx';
import { useClock } from '#components/use-clock.ts';
import type { KeyGuide } from '#lib/key-delivery/key-page/schema.ts';
import { keyPage as messages } from '#lib/notifications/message-catalogue/en-pages.ts';
import type { FirstRequestState, ReceivedRequest } from './use-first-request.ts';

/** Shows how long ago the first request was received. Hidden from screen readers, so that they do not announce seconds. */
function Received({ requestedAt, respondedAt, receivedAt }: ReceivedRequest) {
  const now = useClock(respondedAt, receivedAt);
  const seconds = Math.max(0, Math.floor((now - Date.parse(requestedAt)) / 1_000));
  return (
    <span aria-hidden="true" className="tabular-nums">
      {messages.receivedAgo({ seconds })}
    </span>
  );
}

type FirstRequestProps = {
  organisation: string;
  state: FirstRequestState;
  /** What to do while the page waits. */
  advice?: string;
};

/** Shows whether the first request with the key was received. */
export function FirstRequest({ organisation, state, advice }: FirstRequestProps) {
  if (state === 'ended') return <p role="status">{messages.waitingEnded({ organisation })}</p>;
  const received = state === 'waiting' ? null : state;
  return (
    <div className="grid gap-1">
      <div className="flex flex-wrap items-center gap-2 font-medium">
        {received ? (
          <CircleCheck aria-hidden="true" className="size-4.5 shrink-0 text-success" />
        ) : (
          <Spinner />
        )}
        {/* Always there, so that screen readers announce the change. */}
        <span role="status" className={received ? 'sr-only' : undefined}>
          {received ? messages.received : messages.waiting}
        </span>
        {received && <Received {...received} />}
      </div>
      {!received && advice && <p className="text-muted text-sm">{advice}</p>}
    </div>
  );
}

/** Names the person at the organisation who answers questions. */
export function Contact({ organisation, contact }: { organisation: string; contact: KeyGuide['contact'] }) {
  if (!contact) return <p>{messages.noContact({ organisation })}</p>;
  const { name, email } = contact;
  if (email === null)
    return (
      <p>
        <RichText parts={messages.contact({ organisation, name })} />
      </p>
    );
  return (
    <p>
      <RichText parts={messages.contactAt({ organisation, name })} />{' '}
      <a href={`mailto:${email}`} className="underline underline-offset-2">
        <EmailAddress>{email}</EmailAddress>
      </a>
    </p>
  );
}
