/** What became of a message after a provider had accepted it, as the provider tells it. */
export type Outcome = {
  kind: 'delivered' | 'delayed' | 'bounced' | 'complained' | 'failed';
  /** By the provider's clock. */
  at: Date;
  /** A sentence of our own for an administrator: no address, no phone number, none of the provider's words. */
  reason: string | null;
};
