/** What happened to an accepted message, as its provider reports it. */
export type DeliveryOutcome = {
  kind: 'delivered' | 'delayed' | 'bounced' | 'complained' | 'failed';
  /** By the provider's clock. */
  at: Date;
  /** Shown to administrators. Contains no address, no phone number and none of the provider's own text. */
  reason: string | null;
};

/** An SMS that a provider accepted. `providerId`: its id at the provider. */
export type AcceptedSms = { providerId: string; sentAt: Date };

export type SmsOutcome = { providerId: string; outcome: DeliveryOutcome };

/** Reports that a provider cannot be queried for outcomes. The message is our own, so it may be logged. */
export class OutcomeQueryError extends Error {}
