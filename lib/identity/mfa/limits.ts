/** How many recovery codes are made at once. */
export const RECOVERY_CODES = 10;
/** How many passkeys one person may have. */
export const MOST_PASSKEYS = 20;
/** The longest name of a passkey, in characters. */
export const LONGEST_PASSKEY_NAME = 60;
