/** How many tries the second step of a sign-in has. */
export const ATTEMPTS_PER_SIGN_IN = 5;
