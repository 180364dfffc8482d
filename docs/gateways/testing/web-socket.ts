import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { WebSocket } from 'ws';
import type { VerifierResponse } from '#lib/testing/verifier.ts';
import type { Header } from './send.ts';

/** The first message after a handshake, and the reply to a message; or the response to a rejected handshake. */
export type Conversation = { messages: string[] } | VerifierResponse;

/** Connects to a gateway by WebSocket, sends a message, and disconnects. */
export async function converse(
  port: number,
  headers: Header[],
  message: string,
  path = '/socket',
): Promise<Conversation> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers: Object.fromEntries(headers) });
  const { promise, resolve, reject } = Promise.withResolvers<Conversation>();
  const messages: string[] = [];
  socket.on('error', reject);
  socket.on('message', (received) => {
    messages.push(String(received));
    if (messages.length === 1) socket.send(message);
    else resolve({ messages });
  });
  socket.on('unexpected-response', async (_request, response: IncomingMessage) => {
    const { statusCode: status = 0, headers: responseHeaders } = response;
    try {
      resolve({ status, headers: responseHeaders, body: await text(response) });
    } catch (error) {
      reject(error);
    }
  });
  const closed = new Promise((onClose) => socket.on('close', onClose));
  return promise.finally(() => {
    socket.terminate();
    return closed;
  });
}
