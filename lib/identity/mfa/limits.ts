/** How many recovery codes are made at once. */
export const RECOVERY_CODES = 10;
/** How many passkeys one person may have. */
export const MAX_PASSKEYS = 20;
/** The longest name of a passkey, in characters. */
export const MAX_PASSKEY_NAME_LENGTH = 60;
