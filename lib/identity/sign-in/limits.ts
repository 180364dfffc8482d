/** How many tries the second step of a sign-in has. */
export const TRIES_PER_SIGN_IN = 5;
