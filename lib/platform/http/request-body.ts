import type { IncomingMessage } from 'node:http';

type BodyResult = { ok: true; body: Buffer } | { ok: false; reason: 'too_large' };

/**
 * Reads a request's whole body and puts it back, so that Next.js can read it again. Call it in the `request` event.
 * @throws if the connection closes before the whole body has arrived
 */
export function peekBody(request: IncomingMessage, maxBytes: number): Promise<BodyResult> {
  const { headers } = request;
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  if (!hasBody) return Promise.resolve({ ok: true, body: Buffer.alloc(0) });
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let received = 0;
    const stopListening = () => request.off('readable', onReadable).off('close', onClose);
    const onClose = () => reject(new Error('The connection closed before the whole body had arrived.'));
    const onReadable = () => {
      // If there is nothing to read any more, `read` would end the stream, and Next.js would wait for its end forever.
      const chunk: Buffer | null = request.readableLength > 0 ? request.read() : null;
      if (chunk) chunks.push(chunk);
      received += chunk?.length ?? 0;
      if (received > maxBytes) {
        stopListening();
        return resolve({ ok: false, reason: 'too_large' });
      }
      if (!request.complete) return;
      // Remove the listeners first: while there is a `readable` listener, Next.js's `data` listener gets no data.
      stopListening();
      const body = Buffer.concat(chunks);
      // Put the body back before the stream emits `end`: after that, `unshift` throws.
      request.unshift(body);
      // Next.js makes a `Request` for a route, which Node.js refuses to do from a stream that has been read.
      Object.defineProperty(request, 'readableDidRead', { value: false, configurable: true });
      resolve({ ok: true, body });
    };
    request.on('readable', onReadable).on('close', onClose);
  });
}

/** Makes a request whose body has arrived look as if the client had declared its length. */
export function declareLength({ headers }: IncomingMessage, body: Buffer): void {
  if (headers['transfer-encoding'] === undefined) return;
  delete headers['transfer-encoding'];
  delete headers.trailer;
  headers['content-length'] = String(body.length);
}
