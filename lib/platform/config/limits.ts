/** The highest rate limit of an account and in the settings. The table `api_accounts` has the same check. */
export const MAX_REQUESTS_PER_MINUTE = 1_000_000;
