/** What became of a message after a provider had accepted it, as the provider tells it. */
export type Outcome = {
  kind: 'delivered' | 'delayed' | 'bounced' | 'complained' | 'failed';
  /** By the provider's clock. */
  at: Date;
  /** A sentence of our own for an administrator: no address, no phone number, none of the provider's words. */
  reason: string | null;
};

/** A text that a provider accepted, under the id that it has there. */
export type AskedText = { providerId: string; sentAt: Date };

/** What became of a text, by the provider's id of it. */
export type TextOutcome = { providerId: string; outcome: Outcome };

/** A provider that cannot be asked: its message says why, in our own words. */
export class CannotAsk extends Error {}
