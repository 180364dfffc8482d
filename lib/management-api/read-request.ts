import { z } from 'zod';
import { MAX_BODY_BYTES } from '#lib/platform/http/refuse-request.ts';
import type { Operation } from './operation.ts';
import { type ApiRefusal, listErrors, refuse } from './problems.ts';

type Parsed<Value> = { ok: true; value: Value } | ApiRefusal;

const JSON_TYPE = /^application\/json\s*(?:;|$)/i;
/** A media range that includes JSON, unless its weight is 0 (RFC 9110, section 12.5.1). */
const ACCEPTS_JSON =
  /^(?:\*\/\*|application\/\*|application\/(?:problem\+)?json)\s*(?:;(?!\s*q=0(?:\.0*)?\s*$)|$)/i;

const invalidHeader = (header: string, detail: string) =>
  refuse('invalid_parameters', { errors: [{ detail, header }] });

/** Checks that the client accepts JSON. */
export function checkAccept({ headers }: Request): ApiRefusal | null {
  const accept = headers.get('accept');
  if (!accept || accept.split(',').some((range) => ACCEPTS_JSON.test(range.trim()))) return null;
  return refuse('not_acceptable');
}

/** Reads the body; returns null if it is too large. Stops reading then. */
async function readBytes({ headers, body }: Request, maxBytes: number): Promise<Buffer | null> {
  if (Number(headers.get('content-length') ?? 0) > maxBytes) return null;
  if (!body) return Buffer.alloc(0);
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let received = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks);
    received += value.length;
    if (received > maxBytes) {
      await reader.cancel();
      return null;
    }
    chunks.push(value);
  }
}

/** Parses bytes as JSON in UTF-8; returns undefined if they are malformed. */
function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

/** A parsed body, with the bytes that identify a repeated request. */
export type ReadBody = { bytes: Buffer; body: unknown };

/** Reads and parses the body of a request. */
export async function readBody(
  { body: schema, isBodyOptional = false, maxBodyBytes = MAX_BODY_BYTES }: Operation,
  request: Request,
): Promise<Parsed<ReadBody>> {
  const { headers } = request;
  const type = headers.get('content-type');
  if ((schema && type !== null && !JSON_TYPE.test(type)) || headers.has('content-encoding'))
    return refuse('unsupported_media_type');
  const bytes = await readBytes(request, maxBodyBytes);
  if (!bytes) return refuse('too_large');
  if (!schema) return { ok: true, value: { bytes, body: undefined } };
  const isEmpty = bytes.length === 0;
  if (!isEmpty && type === null) return refuse('unsupported_media_type');
  const json = isEmpty && isBodyOptional ? {} : parseJson(bytes);
  if (json === undefined) return refuse('malformed_body');
  const parsed = schema.safeParse(json);
  if (!parsed.success) return refuse('invalid', { errors: listErrors(parsed.error, 'pointer') });
  return { ok: true, value: { bytes, body: parsed.data } };
}

const NO_PARAMETERS = z.strictObject({});

/** Parses the query parameters of a request. */
export function readQuery({ query: schema }: Operation, request: Request): Parsed<unknown> {
  const parameters = [...new URL(request.url).searchParams];
  const names = parameters.map(([name]) => name);
  const repeated = names.find((name, index) => names.indexOf(name) < index);
  if (repeated !== undefined)
    return refuse('invalid_parameters', {
      errors: [{ detail: 'Send this parameter only once.', parameter: repeated }],
    });
  const parsed = (schema ?? NO_PARAMETERS).safeParse(Object.fromEntries(parameters));
  if (!parsed.success) return refuse('invalid_parameters', { errors: listErrors(parsed.error, 'parameter') });
  return { ok: true, value: parsed.data };
}

/** Reads the version of `If-Match`; undefined if the header is missing, or matches any version. */
export function readVersion({ method }: Operation, { headers }: Request): Parsed<number | undefined> {
  const header = headers.get('if-match');
  if (method !== 'patch' || header === null || header.trim() === '*') return { ok: true, value: undefined };
  const [, version] = /^"(\d{1,9})"$/.exec(header.trim()) ?? [];
  if (version === undefined)
    return invalidHeader('If-Match', 'Send the ETag of the resource: its version in quotes, such as "3".');
  return { ok: true, value: Number(version) };
}

/** Reads `Idempotency-Key`; null if the header is missing, or has no meaning for the operation. */
export function readIdempotencyKey(
  { method, scope }: Operation,
  { headers }: Request,
): Parsed<string | null> {
  const key = headers.get('idempotency-key');
  if (method !== 'post' || scope === null || key === null) return { ok: true, value: null };
  if (/^[\x21-\x7e]{1,255}$/.test(key)) return { ok: true, value: key };
  return invalidHeader('Idempotency-Key', 'Use 1 to 255 printable ASCII characters without spaces.');
}
