import { once } from 'node:events';
import { connect, type IncomingHttpHeaders } from 'node:http2';
import { text } from 'node:stream/consumers';
import type { VerifierResponse } from '#lib/testing/verifier.ts';

/** Sends one request by HTTP/2 without TLS, and a body without its length. */
export async function sendByHttp2(
  port: number,
  headers: Record<string, string>,
  body?: string,
): Promise<VerifierResponse> {
  const session = connect(`http://127.0.0.1:${port}`);
  try {
    // Wait for the server's settings, which may allow extended CONNECT.
    await once(session, 'remoteSettings');
    const requestHeaders = { ':authority': `127.0.0.1:${port}`, ':path': '/', ...headers };
    const stream = session.request(requestHeaders, { endStream: body === undefined });
    if (body !== undefined) stream.end(body);
    const [responseHeaders]: IncomingHttpHeaders[] = await once(stream, 'response');
    const received = headers[':protocol'] ? '' : await text(stream);
    return { status: Number(responseHeaders?.[':status']), headers: responseHeaders ?? {}, body: received };
  } finally {
    session.destroy();
  }
}
