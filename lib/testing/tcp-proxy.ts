import { EventEmitter, once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/**
 * `open` forwards all data. `silent` drops all data, but keeps connections open and accepts new ones. `held` forwards the
 * client's data, and buffers the server's data until the mode is `open` again.
 */
type Mode = 'open' | 'silent' | 'held';

/** Simulates network failures between a client and a database. */
export class TcpProxy {
  /** The database's URL through the proxy. */
  readonly url: string;
  /** Changes the server's data before it is forwarded. Tests replace it. */
  alterData: (chunk: Buffer) => Buffer = (chunk) => chunk;
  #server = createServer((client) => this.#accept(client));
  #target: URL;
  #mode: Mode = 'open';
  #heldForwards: (() => void)[] = [];
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
    if (mode === 'open') for (const forward of this.#heldForwards.splice(0)) forward();
  }

  /** Resolves when data of the server is buffered the next time. */
  async waitForHeldData(): Promise<void> {
    await once(this.#events, 'held');
  }

  /** Destroys all connections and the buffered data. */
  breakConnections(): void {
    this.#heldForwards = [];
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.breakConnections();
    await closed;
  }

  #accept(client: Socket): void {
    const upstream = connect(Number(this.#target.port), this.#target.hostname);
    this.#link(client, upstream);
    this.#link(upstream, client);
    client.on('data', (chunk) => this.#mode !== 'silent' && upstream.write(chunk));
    upstream.on('data', (chunk) => {
      if (this.#mode === 'open') client.write(this.alterData(chunk));
      if (this.#mode !== 'held') return;
      this.#heldForwards.push(() => client.write(this.alterData(chunk)));
      this.#events.emit('held');
    });
  }

  /** Tracks a socket, and destroys its peer when it closes. */
  #link(socket: Socket, other: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => other.destroy());
    socket.on('close', () => {
      this.#sockets.delete(socket);
      other.destroy();
    });
  }
}
