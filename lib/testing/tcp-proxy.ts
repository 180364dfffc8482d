import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** `silent`: connections stay open and new ones are taken, but nothing comes through. */
type Mode = 'open' | 'silent';

export type TcpProxy = {
  /** The database's address by way of the proxy. */
  url: string;
  mode: Mode;
  /** What becomes of what the server says. */
  alter(chunk: Buffer): Buffer;
  close(): Promise<void>;
};

/** A stretch of network before a database, which can go silent. */
export async function startTcpProxy(databaseUrl: string): Promise<TcpProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  const keep = (socket: Socket, other: Socket) => {
    sockets.add(socket);
    socket.on('error', () => other.destroy());
    socket.on('close', () => other.destroy());
  };
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    keep(client, upstream);
    keep(upstream, client);
    client.on('data', (chunk) => proxy.mode === 'open' && upstream.write(chunk));
    upstream.on('data', (chunk) => proxy.mode === 'open' && client.write(proxy.alter(chunk)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(databaseUrl);
  url.port = String((server.address() as AddressInfo).port);
  const proxy: TcpProxy = {
    url: url.href,
    mode: 'open',
    alter: (chunk) => chunk,
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
  return proxy;
}
