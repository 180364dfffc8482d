/**
 * Lifetime of an email link in hours. NIST SP 800-63B-4, 4.2.1.2 allows at most 24. A user who requests a password reset
 * is waiting for the email, so that lifetime is shorter.
 */
export const EMAIL_LINK_HOURS = { invitation: 24, password_reset: 1 } as const;
