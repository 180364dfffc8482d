export type LoadOptions = {
  port: number;
  connections: number;
  seconds: number;
  /** One key per line. Each request uses a random one. */
  keysFile: string;
  /** How long each connection waits before each request, in milliseconds, so that the server is not busy all the time. */
  pauseMs?: number;
  /** Counts the responses by status. Do not set it for measurements, because it slows wrk down. */
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
  /** Responses by status. wrk counts them only if `countStatuses` is set. */
  statuses: Record<string, number>;
};

/** Sends requests on a number of connections, each without a pause. */
export type LoadGenerator = {
  /** The name that the results show. */
  name: string;
  run(options: LoadOptions): Promise<LoadResult>;
  /** Ends a run in progress if it is another process, for an interrupted benchmark. */
  stop(): Promise<void>;
};
