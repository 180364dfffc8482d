/** The types of the events that webhook endpoints can get. */
export const WEBHOOK_EVENT_TYPES = [
  'api_account.created',
  'api_account.updated',
  'api_account.deactivated',
  'api_account.reactivated',
  'api_account.deleted',
  'api_account.expiring',
  'api_account.expired',
  'api_key.reset',
  'api_key.collected',
  'api_key.first_used',
  'api_key.leaked',
  'delivery.failed',
  'delivery.locked',
  'audit.event',
] as const;

export type WebhookEventType = (typeof WEBHOOK_EVENT_TYPES)[number];

/** The type of the event that tests an endpoint. It is sent only on request. */
export const TEST_EVENT_TYPE = 'webhook.test';
