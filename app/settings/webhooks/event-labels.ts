import { WEBHOOK_EVENT_TYPES } from '#lib/webhooks/schema.ts';

type WebhookEventType = (typeof WEBHOOK_EVENT_TYPES)[number];

/** What has happened when an event is sent, in the groups of the form. */
export const EVENT_GROUPS: { label: string; events: Partial<Record<WebhookEventType, string>> }[] = [
  {
    label: 'API accounts',
    events: {
      'api_account.created': 'Account created',
      'api_account.updated': 'Account changed',
      'api_account.deactivated': 'Account deactivated',
      'api_account.reactivated': 'Account reactivated',
      'api_account.deleted': 'Account deleted',
      'api_account.expiring': 'Account expires soon',
      'api_account.expired': 'Account expired',
    },
  },
  {
    label: 'API keys',
    events: {
      'api_key.reset': 'Key reset',
      'api_key.collected': 'Key collected',
      'api_key.first_used': 'Key first used',
      'api_key.leaked': 'Key leaked',
    },
  },
  {
    label: 'Key deliveries',
    events: {
      'delivery.failed': 'Message not delivered',
      'delivery.locked': 'Too many wrong codes',
    },
  },
  { label: 'Audit log', events: { 'audit.event': 'Every entry of the audit log' } },
];

const LABELS: Record<string, string> = {
  ...Object.assign({}, ...EVENT_GROUPS.map(({ events }) => events)),
  'webhook.test': 'Test event',
};

/** Names an event for people. Types that a later version of Stagedoor recorded have no label. */
export const getEventLabel = (type: string) => LABELS[type] ?? type;

/** Says how many kinds of events an endpoint gets. */
export function countEvents({ length }: readonly string[]): string {
  if (length === WEBHOOK_EVENT_TYPES.length) return 'All events';
  return length === 1 ? '1 kind of event' : `${length} kinds of events`;
}
