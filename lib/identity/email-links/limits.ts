/**
 * Lifetime of a link by email in hours. NIST SP 800-63B-4, 3.1.3.2 allows at most 24; a user who requests a password reset
 * is waiting for it, so that link is shorter.
 */
export const USER_LINK_HOURS = { invitation: 24, password_reset: 1 } as const;
