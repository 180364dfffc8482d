/**
 * Days after a change in which it can be reported as unauthorised. Our own choice: a notice grants no access, and
 * its recipient may be away for some days. NIST SP 800-63B-4, 4.6 and OWASP's Authentication Cheat Sheet require
 * such a notice and a way to report the change, but name no period.
 */
export const REPORT_DAYS = 7;
/** Notices per account and hour, so that repeated changes cannot flood a mailbox. */
export const NOTICES_PER_HOUR = 10;
