/** Accounts that can be selected one by one. Their ids fit into the arguments of a server action (`next.config.mjs`). */
export const MAX_SELECTED = 300;
/** Accounts of a job. */
export const MAX_ACCOUNTS = 100_000;
export const MAX_IMPORT_ROWS = 50_000;
export const MAX_IMPORT_BYTES = 10 * 1024 * 1024;
/**
 * A browser uploads a file in parts, because the web server holds the body of a request in memory. In base64, a part has
 * 16,000 characters, and fits into the arguments of a server action (`next.config.mjs`).
 */
export const IMPORT_PART_BYTES = 12_000;
export const MAX_IMPORT_PARTS = Math.ceil(MAX_IMPORT_BYTES / IMPORT_PART_BYTES);
/** For how long a job and its results are kept after its end, and an import that was not started. */
export const RESULT_DAYS = 30;
export const READY_DAYS = 7;
