export type ClientQueueLimits = {
  /** How many requests of one client run at the same time. */
  maxRunning: number;
  /** How many requests of one client wait; further ones are refused. */
  maxWaiting: number;
  /** How long a request waits; after that, it is refused. */
  maxWaitMs: number;
};

type Client = { running: number; waiting: Set<() => void> };

/**
 * Limits how many requests of each client run at the same time. Further ones wait in the order of their arrival, so that
 * a page with many parts still loads, but no client can occupy the process and its database connections.
 */
export class ClientQueue {
  #clients = new Map<string, Client>();
  #limits: ClientQueueLimits;

  constructor(limits: ClientQueueLimits) {
    this.#limits = limits;
  }

  /**
   * Waits until another request of the client may run.
   * @param signal aborted when the client disconnects
   * @returns the function that ends the request, of which only the first call counts; null if the request must be
   *   refused, or the client has disconnected
   */
  async enter(key: string, signal: AbortSignal): Promise<(() => void) | null> {
    const client = this.#clients.get(key) ?? { running: 0, waiting: new Set() };
    this.#clients.set(key, client);
    if (client.running < this.#limits.maxRunning) client.running += 1;
    else if (!(await this.#wait(client, signal))) return null;
    let hasLeft = false;
    return () => {
      if (hasLeft) return;
      hasLeft = true;
      this.#leave(key, client);
    };
  }

  /** Waits for the place of a request that ends. Returns false if there are too many, it took too long, or was aborted. */
  #wait(client: Client, signal: AbortSignal): Promise<boolean> {
    if (client.waiting.size >= this.#limits.maxWaiting || signal.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const finish = (mayRun: boolean) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', giveUp);
        client.waiting.delete(run);
        resolve(mayRun);
      };
      const run = () => finish(true);
      const giveUp = () => finish(false);
      const timer = setTimeout(giveUp, this.#limits.maxWaitMs);
      signal.addEventListener('abort', giveUp);
      client.waiting.add(run);
    });
  }

  #leave(key: string, client: Client): void {
    const [next] = client.waiting;
    if (next) {
      // The next request takes this one's place, so the number of running requests stays the same.
      next();
      return;
    }
    client.running -= 1;
    if (client.running === 0) this.#clients.delete(key);
  }
}
