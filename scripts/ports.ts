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
    return `Port ${port} is already in use. Stop the program that uses it, or set ${name} to another port.`;
  if (code === 'EACCES')
    return `You don't have permission to use port ${port}. Set ${name} to a port above 1023.`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `${host} isn't an address of this machine. Set HOST to another address.`;
  return `Port ${port} on ${host} can't be used (${code}). Set ${name} to another port.`;
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
