import { CopyButton } from '#components/copy-button.tsx';
import { LocalTime, RelativeTime } from '#components/local-time.tsx';
import { Notice } from '#components/notice.tsx';
import type { WebhookEndpointDetails } from '#lib/webhooks/schema.ts';
import { EndpointActions } from './endpoint-actions.tsx';
import { DISABLED_REASONS, EndpointStatusBadge } from './endpoint-status.tsx';
import { EndpointUrl } from './endpoint-url.tsx';
import { countEvents, getEventLabel } from './event-labels.ts';
import { Fact, Facts } from './facts.tsx';

type EndpointViewProps = { endpoint: WebhookEndpointDetails; canEdit: boolean; now: Date };

/** Shows where events go, which, and whether they arrive, with buttons for administrators. */
export function EndpointView({ endpoint, canEdit, now }: EndpointViewProps) {
  const { url, description } = endpoint;
  return (
    <section
      aria-labelledby="endpoint-url"
      className="grid gap-4 rounded-lg border border-line bg-surface p-5 shadow-card"
    >
      <div className="grid gap-1.5">
        <h2 className="font-semibold text-xl tracking-tight">
          <EndpointUrl id="endpoint-url" url={url} canEdit={canEdit} />
        </h2>
        {description && (
          <p className="wrap-anywhere text-muted">
            <bdi>{description}</bdi>
          </p>
        )}
        <EndpointStatusBadge {...endpoint} />
      </div>
      <StateNotice endpoint={endpoint} now={now} />
      <EndpointFacts endpoint={endpoint} now={now} />
      {canEdit && <EndpointActions endpoint={endpoint} />}
    </section>
  );
}

/** Says why events do not arrive. */
function StateNotice({ endpoint, now }: Omit<EndpointViewProps, 'canEdit'>) {
  const { disabledAt, disabledReason, failingSince } = endpoint;
  if (disabledAt && disabledReason) {
    return (
      <Notice tone="warning" title="Disabled: no events are sent">
        <p>
          <span>{`${DISABLED_REASONS[disabledReason]} Since `}</span>
          <LocalTime at={disabledAt} />
          <span>, it has missed every event. Enable it to send events from then on.</span>
        </p>
      </Notice>
    );
  }
  if (!failingSince) return null;
  return (
    <Notice tone="warning" title="Events don’t arrive">
      <p>
        <span>The first failed attempt was </span>
        <RelativeTime at={failingSince} now={now} isMidSentence />
        <span>
          . After five days without a delivery, the endpoint is disabled. See what it responds below.
        </span>
      </p>
    </Notice>
  );
}

function EndpointFacts({ endpoint, now }: Omit<EndpointViewProps, 'canEdit'>) {
  const { id, eventTypes, lastDeliveryAt, previousSecretExpiresAt, createdAt, createdBy } = endpoint;
  return (
    <Facts>
      <Fact label="Events">
        <details>
          <summary className="w-fit cursor-pointer rounded-sm">{countEvents(eventTypes)}</summary>
          <ul className="my-1 grid gap-0.5">
            {eventTypes.map((type) => (
              <li key={type}>
                <span>{getEventLabel(type)}</span>{' '}
                <code translate="no" className="text-muted">
                  {type}
                </code>
              </li>
            ))}
          </ul>
        </details>
      </Fact>
      <Fact label="Last delivery">
        {lastDeliveryAt ? <RelativeTime at={lastDeliveryAt} now={now} /> : 'None in the last 30 days'}
      </Fact>
      {previousSecretExpiresAt && (
        <Fact label="Old secret ends">
          <LocalTime at={previousSecretExpiresAt} />
        </Fact>
      )}
      <Fact label="Created">
        <LocalTime at={createdAt} />
        <span>, by </span>
        <bdi>{createdBy ?? 'a former user'}</bdi>
      </Fact>
      <Fact label="Endpoint ID">
        <span className="flex min-w-0 items-center gap-x-1">
          <code translate="no" className="min-w-0 break-words font-mono text-xs">
            {id}
          </code>
          <CopyButton value={id} label="Copy endpoint ID" isIconOnly />
        </span>
      </Fact>
    </Facts>
  );
}
