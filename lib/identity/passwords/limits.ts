/** In UTF-16 code units. */
export const MAX_PASSWORD_LENGTH = 256;
