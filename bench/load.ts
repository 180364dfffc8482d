import { autocannonLoad } from './autocannon.ts';
import { startWrk } from './wrk.ts';

export type Asked = {
  port: number;
  connections: number;
  seconds: number;
  /** One key a line; each request takes one at random. */
  keysFile: string;
  /** Counts the answers by status. wrk is slower then: not for measuring. */
  counting?: boolean;
};

export type Measured = {
  requests: number;
  perSecond: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
  /** Answers of 400 and above. */
  refused: number;
  /** Connections that failed, and answers that did not come. */
  broken: number;
  /** Answers by status, where they were to be counted. */
  statuses: Record<string, number>;
};

/** What asks over and over, on a number of connections, on each without a pause. */
export type Load = {
  /** For the output. */
  name: string;
  ask(asked: Asked): Promise<Measured>;
  stop(): Promise<void>;
};

/** Starts wrk if it is on the machine, else autocannon. */
export const startLoad = async (): Promise<Load> => (await startWrk()) ?? autocannonLoad;
