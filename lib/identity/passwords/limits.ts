/** How many characters a password has at most, as UTF-16 counts them: a longer one could not be entered at sign-in. */
export const MAX_PASSWORD_LENGTH = 256;
