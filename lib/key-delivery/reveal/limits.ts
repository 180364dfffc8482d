/** How long a code is good, from when its text is handed to the carrier. NIST SP 800-63B-4, 3.1.3.2: 10 minutes. */
export const CODE_MINUTES = 10;
/** How long a link is good. NIST SP 800-63B-4, 3.1.2.1 allows 24 hours for what goes by email. */
export const LINK_HOURS = 24;
/** Tries with one code, right or wrong. */
export const ATTEMPTS_PER_CODE = 5;
/** Tries with one link, however many codes were asked for. */
export const ATTEMPTS_PER_LINK = 25;
/** How often a new code may be asked for with one link. */
export const NEW_CODES_PER_LINK = 5;
/** The seconds between one code and the next. */
export const SECONDS_BETWEEN_CODES = 30;
/** The minutes without a key press or pointer after which the page hides the key. */
export const IDLE_MINUTES_UNTIL_HIDDEN = 5;
/** How many openings of a link are written down. */
export const OPENINGS_PER_LINK = 20;
/** How often an administrator can send the email again, and how often a text. */
export const RESENDS_PER_LINK = 5;
/** The seconds between one email of a reveal and the next. */
export const SECONDS_BETWEEN_EMAILS = 60;
