/** Attempts at an authentication code per link, across all its codes. */
export const ATTEMPTS_PER_LINK = 25;
