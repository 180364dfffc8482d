import { createServer } from 'node:net';
import { CliError } from './terminal.ts';

/** Returns the error code of an attempt to listen; undefined if the port is free. */
function tryToListen(port: number, host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

function formatProblem(name: string, port: number, host: string, code: string): string {
  if (code === 'EADDRINUSE')
    return `Port ${port} is in use by another program: stop that one, or choose another port with ${name}.`;
  if (code === 'EACCES') return `Port ${port} is not open to this user: choose one above 1023 with ${name}.`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `${host} is not an address of this machine: choose another with HOST.`;
  return `Port ${port} on ${host} cannot be used (${code}): choose another with ${name}.`;
}

/**
 * Checks that the ports are free, before starting anything.
 * @param ports each with the name of its setting
 * @throws a CliError with one line per unavailable port
 */
export async function checkPorts(ports: { name: string; port: number }[], host: string): Promise<void> {
  const lines = new Set<string>();
  for (const { name, port } of ports) {
    const code = await tryToListen(port, host);
    if (code) lines.add(formatProblem(name, port, host, code));
  }
  if (lines.size > 0) throw new CliError([...lines].join('\n'));
}
