import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';

/** `requests`: those without a complete response. `running`: how many of them are being worked on. */
type Activity = { requests: Set<IncomingMessage>; running: number };

/**
 * Limits the connections of an HTTP server, so that a client cannot exhaust the process's file descriptors. Above the
 * limit, the connection that has been without running work for the longest time is closed, not the new one: otherwise a
 * client that opens connections and sends nothing would lock everyone else out. If work is running on all, one whose client
 * does not read its response is closed; if there is none, the new one.
 */
export class ConnectionLimit {
  /** By the time at which their last running request ended. */
  #connections = new Map<Socket, Activity>();

  /** @param server must have no connections yet */
  constructor(server: Server, maxConnections: number) {
    server.on('connection', (socket: Socket) => {
      if (this.#connections.size >= maxConnections && !this.#closeOne()) return void socket.destroy();
      this.#connections.set(socket, { requests: new Set(), running: 0 });
      socket.once('close', () => this.#connections.delete(socket));
    });
  }

  /** Adds a request that has no complete response, until the returned function is called. */
  addRequest(request: IncomingMessage): () => void {
    const requests = this.#connections.get(request.socket)?.requests;
    requests?.add(request);
    return () => requests?.delete(request);
  }

  /** Returns how many requests of a connection have no complete response. */
  countRequests(socket: Socket): number {
    return this.#connections.get(socket)?.requests.size ?? 0;
  }

  /** Reports whether a request of a connection has arrived completely, but has no complete response. */
  owesResponse(socket: Socket): boolean {
    return [...(this.#connections.get(socket)?.requests ?? [])].some(({ complete }) => complete);
  }

  /**
   * Counts a request that is being worked on, until the returned function is called, of which only the first call counts.
   * Its connection is not closed, unless the client does not read the response.
   */
  addRunning(socket: Socket): () => void {
    const activity = this.#connections.get(socket);
    if (!activity) return () => {};
    activity.running += 1;
    let hasEnded = false;
    return () => {
      if (hasEnded) return;
      hasEnded = true;
      activity.running -= 1;
      if (activity.running > 0 || !this.#connections.delete(socket)) return;
      // Moves it to the end: it was active until now.
      this.#connections.set(socket, activity);
    };
  }

  /** Closes the connections that have sent no complete request headers, or have got all their responses. */
  closeIdle(): void {
    for (const [socket, { requests }] of this.#connections) if (requests.size === 0) socket.destroy();
  }

  /** Closes the connection that can best be spared. Returns false if there is none. */
  #closeOne(): boolean {
    const connections = [...this.#connections];
    const [spared] =
      connections.find(([, { running }]) => running === 0) ??
      connections.find(([socket]) => socket.writableLength > 0) ??
      [];
    if (!spared) return false;
    this.#connections.delete(spared);
    spared.destroy();
    return true;
  }
}
