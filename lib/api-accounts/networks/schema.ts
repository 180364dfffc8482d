/** How many IP addresses of each kind are read, as many as the verifiers store for an account. */
export const MAX_ADDRESSES = 100;

/** An IP address from which an account's keys were used. */
export type SeenAddress = {
  ipAddress: string;
  /** Time of a recent request from there: at most 10 minutes before the last one. */
  lastSeenAt: Date;
};

/** What the field of an account's networks suggests, and what it warns of. */
export type NetworkUse = {
  /**
   * IP addresses of allowed requests in the last 30 days, without tests from the page that shows a key; latest first.
   * `network` is what to allow: the address, or its /64 if it shares that with others.
   */
  allowed: (SeenAddress & { network: string })[];
  /** Whether there are more than could be stored. */
  hasMore: boolean;
  /** IP addresses that were refused in the last 24 hours, and still would be; latest first. */
  refused: SeenAddress[];
  /** Why the verifiers may not know the IP addresses of clients; null if they seem to. */
  proxyProblem: 'no_trusted_proxies' | 'private_addresses' | null;
  /** When this was read, by the database's clock. */
  readAt: Date;
};
