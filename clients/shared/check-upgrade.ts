import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { dropAccountHeaders } from './account-headers.ts';
import { type ApiAccount, verify } from './verify.ts';

export type UpgradeOptions = {
  /** The scope that the path requires; undefined: none. */
  requiredScope?: string | undefined;
  /** The client's IP address, if the connection comes from a proxy. */
  ipAddress?: string | undefined;
};

/**
 * Checks the key of a WebSocket handshake, which never reaches the middleware. Without a valid key, rejects the handshake,
 * closes the connection, and returns undefined. Call this in every listener of the server's `upgrade` event.
 */
export async function checkUpgrade(
  request: IncomingMessage,
  socket: Duplex,
  { requiredScope, ipAddress }: UpgradeOptions = {},
): Promise<ApiAccount | undefined> {
  // Without a listener, a client that disconnects would end the process.
  socket.on('error', () => socket.destroy());
  dropAccountHeaders(request);
  const verification = await verify(
    {
      Authorization: request.headers.authorization,
      'X-API-Key': request.headers['x-api-key']?.toString(),
      'X-Forwarded-For': ipAddress ?? request.socket.remoteAddress,
    },
    requiredScope,
  );
  if (verification.isAllowed) return verification.account;
  const { status, headers } = verification.response;
  const body = await verification.response.text();
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, 'Connection: close'];
  for (const [name, value] of headers) lines.push(`${name}: ${value}`);
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
  return undefined;
}
