/** The limits and intervals that a verifier keeps to, in milliseconds. */
export type VerifierTiming = {
  /** How long a question to the database may take, tries on other connections included; it has then failed. */
  deadlineMs: number;
  /** How often the uses of accounts are written. */
  flushEveryMs: number;
  /** How long a stop may write the last uses: less than the starter waits, with what else there is to stop. */
  lastFlushMs: number;
  /** How long a stop leaves a connection open that is between two requests: its next one may be on its way. */
  lastRequestsMs: number;
  /** How long a stop waits for the requests that have arrived. */
  longestStopMs: number;
};

export const VERIFIER_TIMING: VerifierTiming = {
  deadlineMs: 2_000,
  flushEveryMs: 1_000,
  lastFlushMs: 4_000,
  lastRequestsMs: 1_000,
  longestStopMs: 6_000,
};
