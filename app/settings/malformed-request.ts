/**
 * The result of an action whose arguments do not match its schema. The pages validate with the same schemas, so the page
 * is usually older than the server. Nothing was changed.
 */
export const MALFORMED_REQUEST = { ok: false, reason: 'malformed_request' } as const;
