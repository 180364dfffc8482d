import { CircleCheck, CircleX, Clock } from 'lucide-react';
import { type BadgeTone, StatusBadge } from '#components/status-badge.tsx';
import type { WebhookDeliveryDetails, WebhookDeliveryState } from '#lib/webhooks/schema.ts';

const STATES: Record<WebhookDeliveryState, { tone: BadgeTone; label: string; icon: typeof Clock }> = {
  pending: { tone: 'info', label: 'Pending', icon: Clock },
  delivered: { tone: 'success', label: 'Delivered', icon: CircleCheck },
  failed: { tone: 'danger', label: 'Failed', icon: CircleX },
};

/** Shows the state of a delivery. */
export function DeliveryStatusBadge({ state }: Pick<WebhookDeliveryDetails, 'state'>) {
  const { tone, label, icon } = STATES[state];
  return (
    <StatusBadge tone={tone} icon={icon}>
      {label}
    </StatusBadge>
  );
}

const SOON_MS = 5_000;

/** Returns whether the next attempt of a delivery is due, so that it has a result soon. */
export const isAboutToBeSent = ({ nextAttemptAt }: WebhookDeliveryDetails, now: Date) =>
  nextAttemptAt !== null && nextAttemptAt.getTime() - now.getTime() < SOON_MS;
