/** Accounts that can be selected one by one. Their ids fit into the arguments of a server action (`next.config.mjs`). */
export const MAX_SELECTED = 300;
/** Accounts of a job. */
export const MAX_ACCOUNTS = 100_000;
/** For how long a job and its results are kept after its end, and an import that was not started. */
export const RESULT_DAYS = 30;
export const READY_DAYS = 7;
