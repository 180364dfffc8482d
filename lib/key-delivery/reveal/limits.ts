/**
 * Lifetime of a code: from its issue, and again from the first delivery attempt of its SMS. NIST SP 800-63B-4, 3.1.3.2
 * allows 10 minutes.
 */
export const CODE_MINUTES = 10;
/** Lifetime of a link. NIST SP 800-63B-4, 4.2.1.2 allows 24 hours for a recovery code or link sent by email. */
export const LINK_HOURS = 24;
/** Attempts per code, right or wrong. */
export const ATTEMPTS_PER_CODE = 5;
/** New codes that the integrator can request per link. */
export const NEW_CODES_PER_LINK = 5;
/** Minimum seconds before another code can be requested or resent. */
export const SECONDS_BETWEEN_CODES = 30;
/** Minutes without keyboard or pointer input after which the page hides the key. */
export const IDLE_MINUTES_UNTIL_HIDDEN = 5;
/** Seconds of warning before the page hides the key (WCAG 2.2.1 requires at least 20). */
export const IDLE_WARNING_SECONDS = 60;
/**
 * Seconds in which the browser that collected a key, or got a code to read out, can fetch it again, because the response
 * may have been lost.
 */
export const RETRY_SECONDS = 120;
/** Openings recorded per link. */
export const OPENINGS_PER_LINK = 20;
/** Resends per link by an administrator: this many emails and this many text messages. */
export const RESENDS_PER_LINK = 5;
/** Codes that an administrator can read out by phone in an hour. Each link allows one. */
export const READ_OUTS_PER_HOUR = 20;
/** Minimum seconds between two emails of a reveal. */
export const SECONDS_BETWEEN_EMAILS = 60;
