/** Maximum length of a password, in UTF-16 code units. */
export const MAX_PASSWORD_LENGTH = 256;
export const PASSWORD_TOO_LONG = `Passwords can be up to ${MAX_PASSWORD_LENGTH} characters.`;
