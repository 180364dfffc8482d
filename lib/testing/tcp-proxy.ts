import { EventEmitter, once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/**
 * `silent`: connections stay open and new ones are taken, but nothing comes through. `held`: what the server says
 * is kept, and comes through once the mode is `open` again.
 */
type Mode = 'open' | 'silent' | 'held';

/** A stretch of network before a database, which can go silent. */
export class TcpProxy {
  /** The database's address by way of the proxy. */
  readonly url: string;
  /** What becomes of what the server says. */
  alter: (chunk: Buffer) => Buffer = (chunk) => chunk;
  #server = createServer((client) => this.#join(client));
  #target: URL;
  #mode: Mode = 'open';
  #held: (() => void)[] = [];
  #sockets = new Set<Socket>();
  #events = new EventEmitter();

  private constructor(target: URL, url: URL) {
    this.#target = target;
    this.url = url.href;
  }

  static async start(databaseUrl: string): Promise<TcpProxy> {
    const url = new URL(databaseUrl);
    const proxy = new TcpProxy(new URL(databaseUrl), url);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    url.port = String((proxy.#server.address() as AddressInfo).port);
    return Object.assign(proxy, { url: url.href });
  }

  set mode(mode: Mode) {
    this.#mode = mode;
    if (mode === 'open') for (const passOn of this.#held.splice(0)) passOn();
  }

  /** Resolves once the server has said something that is held. */
  async somethingHeld(): Promise<void> {
    await once(this.#events, 'held');
  }

  /** Breaks every connection; what was held is lost. */
  breakAll(): void {
    this.#held = [];
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.breakAll();
    await closed;
  }

  #join(client: Socket): void {
    const upstream = connect(Number(this.#target.port), this.#target.hostname);
    this.#keep(client, upstream);
    this.#keep(upstream, client);
    client.on('data', (chunk) => this.#mode !== 'silent' && upstream.write(chunk));
    upstream.on('data', (chunk) => {
      if (this.#mode === 'open') client.write(this.alter(chunk));
      if (this.#mode !== 'held') return;
      this.#held.push(() => client.write(this.alter(chunk)));
      this.#events.emit('held');
    });
  }

  #keep(socket: Socket, other: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => other.destroy());
    socket.on('close', () => {
      this.#sockets.delete(socket);
      other.destroy();
    });
  }
}
