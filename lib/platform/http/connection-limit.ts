import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** `requests`: those without a complete response. `running`: those of them that are being worked on. */
type Activity = { requests: number; running: number };

/**
 * Limits the connections of an HTTP server, so that a client cannot exhaust the process's file descriptors. Above the
 * limit, the connection that has been without running work for the longest time is closed, not the new one: otherwise a
 * client that opens connections and sends nothing would lock everyone else out.
 */
export class ConnectionLimit {
  /** By the time at which their last running request ended. */
  #connections = new Map<Socket, Activity>();

  /** @param server must have no connections yet */
  constructor(server: Server, maxConnections: number) {
    server.on('connection', (socket: Socket) => {
      this.#connections.set(socket, { requests: 0, running: 0 });
      socket.once('close', () => this.#connections.delete(socket));
      if (this.#connections.size > maxConnections) this.#closeOldest();
    });
  }

  /** Counts a request until the returned function is called, of which only the first call counts. */
  addRequest(socket: Socket): () => void {
    return this.#count(socket, 'requests');
  }

  /** Counts a request that is being worked on, until the returned function is called. Its connection is not closed. */
  addRunning(socket: Socket): () => void {
    return this.#count(socket, 'running');
  }

  /** Reports whether a request of a connection is being worked on. */
  isRunning(socket: Socket): boolean {
    return (this.#connections.get(socket)?.running ?? 0) > 0;
  }

  /** Closes the connections that have sent no complete request headers, or have got all their responses. */
  closeIdle(): void {
    for (const [socket, { requests }] of this.#connections) if (requests === 0) socket.destroy();
  }

  #count(socket: Socket, kind: keyof Activity): () => void {
    const activity = this.#connections.get(socket);
    if (!activity) return () => {};
    activity[kind] += 1;
    let hasEnded = false;
    return () => {
      if (hasEnded) return;
      hasEnded = true;
      activity[kind] -= 1;
      if (kind === 'requests' || activity.running > 0 || !this.#connections.delete(socket)) return;
      // Moves it to the end: it was active until now.
      this.#connections.set(socket, activity);
    };
  }

  #closeOldest(): void {
    for (const [socket, { running }] of this.#connections) {
      if (running > 0) continue;
      this.#connections.delete(socket);
      return void socket.destroy();
    }
  }
}
