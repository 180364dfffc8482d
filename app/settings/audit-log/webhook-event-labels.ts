import type { AuditAction } from '#lib/audit/actions.ts';
import type { EventLabel } from './event-labels.ts';

const WEBHOOKS = 'Webhooks';

/** Labels of the actions on webhook endpoints: see `EVENT_LABELS`. */
export const WEBHOOK_EVENT_LABELS = {
  'webhook_endpoint.created': {
    group: WEBHOOKS,
    label: 'Webhook endpoint created',
    sentence: '{by} created the webhook endpoint {webhookEndpoint}',
  },
  'webhook_endpoint.edited': {
    group: WEBHOOKS,
    label: 'Webhook endpoint edited',
    sentence: '{by} edited the webhook endpoint {webhookEndpoint}',
  },
  'webhook_endpoint.enabled': {
    group: WEBHOOKS,
    label: 'Webhook endpoint enabled',
    sentence: '{by} enabled the webhook endpoint {webhookEndpoint}',
  },
  'webhook_endpoint.disabled': {
    group: WEBHOOKS,
    label: 'Webhook endpoint disabled',
    sentence: '{by} disabled the webhook endpoint {webhookEndpoint}',
    withoutActor: 'The webhook endpoint {webhookEndpoint} was disabled automatically',
  },
  'webhook_endpoint.secret_rotated': {
    group: WEBHOOKS,
    label: 'Webhook secret rotated',
    sentence: '{by} rotated the secret of the webhook endpoint {webhookEndpoint}',
  },
  'webhook_endpoint.tested': {
    group: WEBHOOKS,
    label: 'Test event sent',
    sentence: '{by} sent a test event to the webhook endpoint {webhookEndpoint}',
  },
  'webhook_endpoint.deleted': {
    group: WEBHOOKS,
    label: 'Webhook endpoint deleted',
    sentence: '{by} deleted the webhook endpoint {webhookEndpoint}',
  },
  'webhook.requested_again': {
    group: WEBHOOKS,
    label: 'Webhook redelivered',
    sentence: '{by} sent an event to the webhook endpoint {webhookEndpoint} again',
  },
} satisfies Partial<Record<AuditAction, EventLabel>>;
