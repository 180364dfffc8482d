import { createServer } from 'node:net';
import { CliError } from './terminal.ts';

function tryPort(port: number, host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

function explain(name: string, port: number, host: string, code: string): string {
  if (code === 'EADDRINUSE')
    return `Port ${port} is in use by another program: stop that one, or choose another port with ${name}.`;
  if (code === 'EACCES') return `Port ${port} is not open to this user: choose one above 1023 with ${name}.`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `${host} is not an address of this machine: choose another with HOST.`;
  return `Port ${port} on ${host} cannot be used (${code}): choose another with ${name}.`;
}

/**
 * Makes sure that the ports are free, before anything is started that would have to be stopped again.
 * @param ports each with the setting that it comes from
 * @throws a CliError with a line for each port that is not free
 */
export async function checkPorts(ports: { name: string; port: number }[], host: string): Promise<void> {
  const lines = new Set<string>();
  for (const { name, port } of ports) {
    const code = await tryPort(port, host);
    if (code) lines.add(explain(name, port, host, code));
  }
  if (lines.size > 0) throw new CliError([...lines].join('\n'));
}
