/** The verifier's timeouts and intervals, in milliseconds. */
export type VerifierTiming = {
  /** How long a whole request may take to arrive, after which its connection is closed. Bodies are discarded. */
  requestTimeoutMs: number;
  /** How often the HTTP server checks for slow requests. */
  requestCheckIntervalMs: number;
  /** How long a lookup or a quota lease may take, retries on other connections included, before it fails. */
  deadlineMs: number;
  /** How often usage counts are written. */
  flushIntervalMs: number;
  /** How often the last use of an account in constant use is written. */
  rewriteUseAfterMs: number;
  /** How long the last write of usage counts may take at shutdown. */
  finalFlushTimeoutMs: number;
  /** How long idle keep-alive connections stay open at shutdown, because a client may have just sent a request. */
  idleGracePeriodMs: number;
  /** How long a shutdown waits for open connections. The final flush follows. */
  shutdownTimeoutMs: number;
};

export const VERIFIER_TIMING: VerifierTiming = {
  requestTimeoutMs: 10_000,
  requestCheckIntervalMs: 1_000,
  deadlineMs: 2_000,
  flushIntervalMs: 1_000,
  rewriteUseAfterMs: 60_000,
  finalFlushTimeoutMs: 4_000,
  idleGracePeriodMs: 1_000,
  shutdownTimeoutMs: 6_000,
};
