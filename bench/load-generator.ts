export type LoadOptions = {
  port: number;
  connections: number;
  seconds: number;
  /** One key per line. Each request uses a random one. */
  keysFile: string;
  /** Counts the responses by status. Slows wrk down, so not for measurements. */
  countStatuses?: boolean;
};

export type LoadResult = {
  requests: number;
  perSecond: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
  /** Responses with a status of 400 or above. */
  errorResponses: number;
  /** Connection errors and timeouts. */
  failures: number;
  /** Responses by status, if `countStatuses` was set. */
  statuses: Record<string, number>;
};

/** Sends requests on a number of connections, each without a pause. */
export type LoadGenerator = {
  /** For the output. */
  name: string;
  run(options: LoadOptions): Promise<LoadResult>;
  stop(): Promise<void>;
};
