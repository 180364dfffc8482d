import { CircleCheck, CirclePause, CircleX, TriangleAlert } from 'lucide-react';
import { StatusBadge } from '#components/status-badge.tsx';
import type { WebhookDisabledReason, WebhookEndpointDetails } from '#lib/webhooks/schema.ts';

type EndpointState = Pick<WebhookEndpointDetails, 'disabledReason' | 'failingSince'>;

/** Why an endpoint gets no events. */
export const DISABLED_REASONS: Record<WebhookDisabledReason, string> = {
  administrator: 'An administrator disabled it.',
  failing: 'No delivery succeeded for five days.',
  gone: 'It responded with 410 Gone, which means that it wants no more events.',
};

/** Shows whether an endpoint gets events, and whether they arrive. */
export function EndpointStatusBadge({ disabledReason, failingSince }: EndpointState) {
  if (disabledReason === 'administrator')
    return (
      <StatusBadge tone="neutral" icon={CirclePause}>
        Disabled
      </StatusBadge>
    );
  if (disabledReason)
    return (
      <StatusBadge tone="danger" icon={CircleX}>
        Disabled
      </StatusBadge>
    );
  if (failingSince)
    return (
      <StatusBadge tone="warning" icon={TriangleAlert}>
        Failing
      </StatusBadge>
    );
  return (
    <StatusBadge tone="success" icon={CircleCheck}>
      Enabled
    </StatusBadge>
  );
}
