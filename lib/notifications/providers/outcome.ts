/** The fate of an accepted message, as reported by its provider. */
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

/** Thrown if a provider cannot be queried. The message is our own and may be logged. */
export class OutcomeQueryError extends Error {}
