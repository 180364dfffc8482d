/** The highest limit of an account, and of the settings. The check on the table `api_accounts` has the same number. */
export const MAX_REQUESTS_PER_MINUTE = 1_000_000;
