import { createLineLimiter } from '#lib/platform/line-limiter.ts';
import { getMessageForLog, log } from '#lib/platform/log.ts';

const MAX_FRAMES = 8;
const MAX_MESSAGE_LENGTH = 500;
const limitLines = createLineLimiter();

/** Errors whose message quotes what was parsed, without a delimiter that could be recognised. */
const QUOTES_INPUT = new Set(['SyntaxError', 'URIError']);

/** Removes what a message quotes, from the first quotation mark to the last: it may come from a request. */
function removeQuotations(message: string): string {
  const start = message.search(/["'`“‘]/);
  const end = Math.max(...[...`"'\`”’`].map((mark) => message.lastIndexOf(mark)));
  return start >= 0 && end > start ? `${message.slice(0, start)}…${message.slice(end + 1)}` : message;
}

/** Returns what may be logged of an error's message. */
function redactMessage(error: Error): string {
  if (QUOTES_INPUT.has(error.name)) return 'malformed input';
  return removeQuotations(getMessageForLog(error)).slice(0, MAX_MESSAGE_LENGTH);
}

/** Returns a copy of an error, without what its message and those of its causes may repeat of a request. */
function redactError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { name, cause } = error;
  const redacted = new Error(redactMessage(error), cause === undefined ? {} : { cause: redactError(cause) });
  return Object.assign(redacted, { name, ...('code' in error ? { code: error.code } : {}) });
}

/** Lists the first lines of an error's stack, without its message. */
function listFrames(error: unknown): string[] {
  const lines = error instanceof Error ? (error.stack ?? '').split('\n') : [];
  return lines.filter((line) => /^\s+at /.test(line)).map((line) => line.trim());
}

/**
 * Logs an error while a request was handled: at most one line per minute for each kind of error, and nothing of the
 * request's content.
 */
export function logWebError(
  event: string,
  error: unknown,
  level: 'warn' | 'error' = 'error',
  fields: { requestId?: string } = {},
): void {
  const redacted = redactError(error);
  const frames = listFrames(error).slice(0, MAX_FRAMES);
  const { name, message } = redacted instanceof Error ? redacted : { name: typeof redacted, message: '' };
  limitLines(`${event} ${name} ${message} ${frames[0]}`, (count) => {
    if (level === 'warn') log.warn(event, { name, message, count });
    else log.error(event, redacted, { ...fields, count, ...(frames.length > 0 ? { frames } : {}) });
  });
}

/** Logs what Next.js writes to the console, as `logWebError` does. */
export function logConsole(level: 'warn' | 'error', args: unknown[]): void {
  const error = args.find((arg) => arg instanceof Error);
  const text = args.filter((arg) => typeof arg === 'string').join(' ');
  logWebError(level === 'warn' ? 'web.warning' : 'web.error', error ?? new Error(text), level);
}
