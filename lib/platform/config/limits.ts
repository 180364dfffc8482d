/** The highest rate limit that an account or a setting may have. A check constraint of `api_accounts` repeats it. */
export const MAX_REQUESTS_PER_MINUTE = 1_000_000;
