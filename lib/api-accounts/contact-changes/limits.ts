/**
 * How long "this was not us" can be said after a change. Our own choice: a notice opens nothing and shows nothing
 * secret, and somebody may be away for some days. (NIST SP 800-63B-4, 4.6 and OWASP's Authentication Cheat Sheet want
 * such a notice and a way to object, and name no time for the former.)
 */
export const REPORT_DAYS = 7;
/** How many notices go out for one account within an hour, so that changing back and forth is no mail bomb. */
export const NOTICES_PER_HOUR = 10;
