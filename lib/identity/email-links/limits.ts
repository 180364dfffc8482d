/**
 * How long a link by email is good for, in hours, by what it is for. NIST SP 800-63B-4, 3.1.3.2 allows a code by email
 * 24 hours at most; whoever has forgotten a password sits there and waits.
 */
export const LINK_HOURS = { invitation: 24, password_reset: 1 } as const;

/** What a link by email is for. */
export type LinkPurpose = keyof typeof LINK_HOURS;
