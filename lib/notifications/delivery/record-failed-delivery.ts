import type { Transaction } from '#db/client.ts';
import { recordWebhookEvent } from '#lib/webhook-events/record.ts';

/** What went wrong with a message of a key delivery, as webhooks describe it. */
type DeliveryFailure = {
  channel: 'email' | 'sms';
  /**
   * `not_sent`: the provider refused it, or could not be reached for hours. `blocked`: by the SMS policy. `bounced` and
   * `undelivered`: the provider reported that later.
   */
  problem: 'not_sent' | 'blocked' | 'bounced' | 'undelivered';
  reason: string | null;
};

/** Records that a message of a key delivery failed, as a webhook event. */
export const recordFailedDelivery = (
  transaction: Transaction,
  accountId: string,
  delivery: DeliveryFailure,
): void =>
  recordWebhookEvent(transaction, { type: 'delivery.failed', account: accountId, data: { delivery } });
