import { once } from 'node:events';
import { createServer } from 'node:net';
import { Trouble } from './trouble.mjs';

/** A port of this machine that nobody listens on. @returns {Promise<number>} */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
}

/** @param {number} port @param {string} host @returns {Promise<string | undefined>} the system's error code */
function tryPort(port, host) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (/** @type {NodeJS.ErrnoException} */ error) => resolve(error.code ?? 'unknown'));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

/** @param {string} name @param {number} port @param {string} host @param {string} code */
function explain(name, port, host, code) {
  if (code === 'EADDRINUSE')
    return `Port ${port} is in use by another program: stop that one, or choose another port with ${name}.`;
  if (code === 'EACCES') return `Port ${port} is not open to this user: choose one above 1023 with ${name}.`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `${host} is not an address of this machine: choose another with HOST.`;
  return `Port ${port} on ${host} cannot be used (${code}): choose another with ${name}.`;
}

/**
 * Makes sure that the ports are free, before anything is started that would have to be stopped again.
 * @param {{ name: string, port: number }[]} ports with the setting that each comes from
 * @param {string} host
 * @throws a Trouble with a line for each that is not free
 */
export async function checkPorts(ports, host) {
  const lines = new Set();
  for (const { name, port } of ports) {
    const code = await tryPort(port, host);
    if (code) lines.add(explain(name, port, host, code));
  }
  if (lines.size > 0) throw new Trouble([...lines].join('\n'));
}
