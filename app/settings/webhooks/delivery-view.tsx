import { CopyButton } from '#components/copy-button.tsx';
import { LocalTime } from '#components/local-time.tsx';
import type { WebhookAttemptDetails, WebhookDeliveryDetails } from '#lib/webhooks/schema.ts';
import { DeliveryAttempt } from './delivery-attempt.tsx';
import { DeliveryStatusBadge, isAboutToBeSent } from './delivery-status.tsx';
import { getEventLabel } from './event-labels.ts';
import { Fact, Facts } from './facts.tsx';
import { RedeliverButton } from './redeliver-button.tsx';
import { RefreshWhilePending } from './refresh-while-pending.tsx';

type DeliveryViewProps = {
  delivery: WebhookDeliveryDetails;
  /** Oldest first. */
  attempts: WebhookAttemptDetails[];
  now: Date;
};

/** Shows an event, and each request and response of its delivery. */
export function DeliveryView({ delivery, attempts, now }: DeliveryViewProps) {
  const { id, eventId, type, state, createdAt, nextAttemptAt } = delivery;
  return (
    <div className="grid gap-6">
      <section
        aria-labelledby="delivery-event"
        className="grid gap-4 rounded-lg border border-line bg-surface p-5 shadow-card"
      >
        <div className="grid gap-1.5">
          <h2 id="delivery-event" className="font-semibold text-xl tracking-tight">
            {getEventLabel(type)}
          </h2>
          <DeliveryStatusBadge state={state} />
        </div>
        <Facts>
          <Fact label="Type">
            <code translate="no">{type}</code>
          </Fact>
          <Fact label="Time">
            <LocalTime at={createdAt} />
          </Fact>
          {nextAttemptAt && (
            <Fact label="Next attempt">
              {isAboutToBeSent(delivery, now) ? 'Now' : <LocalTime at={nextAttemptAt} />}
            </Fact>
          )}
          <Fact label="Event ID">
            <span className="flex min-w-0 items-center gap-x-1">
              <code translate="no" className="min-w-0 break-words font-mono text-xs">
                {eventId}
              </code>
              <CopyButton value={eventId} label="Copy event ID" isIconOnly />
            </span>
          </Fact>
        </Facts>
        {state !== 'pending' && <RedeliverButton id={id} />}
      </section>
      <Attempts attempts={attempts} />
      <RefreshWhilePending pendingIds={isAboutToBeSent(delivery, now) ? [`${id} ${attempts.length}`] : []} />
    </div>
  );
}

function Attempts({ attempts }: Pick<DeliveryViewProps, 'attempts'>) {
  return (
    <section
      aria-labelledby="attempts-heading"
      className="rounded-lg border border-line bg-surface shadow-card"
    >
      <h2
        id="attempts-heading"
        className="border-line border-b px-5 pt-5 pb-3 font-semibold text-xl tracking-tight"
      >
        Attempts
      </h2>
      {attempts.length === 0 ? (
        <p className="px-5 py-10 text-center text-muted">Nothing was sent yet.</p>
      ) : (
        <ol reversed className="divide-y divide-line">
          {attempts.toReversed().map((attempt, index) => (
            <DeliveryAttempt
              key={attempt.id}
              attempt={attempt}
              number={attempts.length - index}
              isOpen={index === 0}
            />
          ))}
        </ol>
      )}
    </section>
  );
}
