import type { IncomingMessage } from 'node:http';

/** No page nests its arguments more deeply than three levels; React reads them recursively. */
const MAX_DEPTH = 32;
/** In React's encoding of arguments, these begin with `$` and are no reference: an escaped string, and `undefined`. */
const PLAIN = /^\$(?:\$|undefined$)/;

/**
 * Reports whether the body of a server action is a JSON list of plain values. All pages send such lists. Other bodies
 * may hold React's references (`$1:x`, `$F1`, `$n1x`), and Next.js fails on those that lead nowhere: it responds 500
 * and logs an error, which lets anyone fill the log.
 */
export function hasPlainArguments(body: string): boolean {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return false;
  }
  if (!Array.isArray(parsed)) return false;
  const values: { value: unknown; depth: number }[] = [{ value: parsed, depth: 1 }];
  for (let next = values.pop(); next; next = values.pop()) {
    const { value, depth } = next;
    if (depth > MAX_DEPTH) return false;
    if (typeof value === 'string' && value.startsWith('$') && !PLAIN.test(value)) return false;
    if (typeof value === 'object' && value !== null)
      values.push(...Object.values(value).map((inner) => ({ value: inner, depth: depth + 1 })));
  }
  return true;
}

/**
 * Reads a request's whole body and puts it back, so that Next.js reads it again.
 * @throws if the connection closes before the whole body has arrived
 */
export function peekBody(request: IncomingMessage): Promise<string> {
  const length = Number(request.headers['content-length'] ?? 0);
  if (length === 0) return Promise.resolve('');
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let received = 0;
    const onClose = () => reject(new Error('The connection closed before the whole body had arrived.'));
    const onReadable = () => {
      const chunk: Buffer | null = request.read();
      if (chunk) chunks.push(chunk);
      received += chunk?.length ?? 0;
      if (received < length) return;
      // The listener goes first: as long as there is one, no `data` listener of Next.js gets anything.
      request.off('readable', onReadable).off('close', onClose);
      const body = Buffer.concat(chunks);
      // Before the end is announced: afterwards nothing can be put back.
      request.unshift(body);
      resolve(body.toString('utf8'));
    };
    request.on('readable', onReadable).on('close', onClose);
  });
}
