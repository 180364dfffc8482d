import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { findDatabaseProblem } from './check-database.ts';

describe('findDatabaseProblem', () => {
  it('reports a server that accepts the connection and never responds, without the password', async () => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => sockets.add(socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      const problem = await findDatabaseProblem(
        `postgresql://someone:hunter22@127.0.0.1:${port}/theirs`,
        'DATABASE_URL',
        100,
      );
      expect(problem).toContain(`The database theirs at 127.0.0.1:${port} cannot be reached (`);
      expect(problem).not.toContain('hunter22');
    } finally {
      for (const socket of sockets) socket.destroy();
      server.close();
    }
  });
});
