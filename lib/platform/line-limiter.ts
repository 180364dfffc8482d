import { log } from './log.ts';

const WINDOW_MS = 60_000;
/** Bounds the lines per window of all kinds together. Of further kinds, only the number of events is logged. */
const MAX_KINDS = 60;
const OTHER_KINDS = 'others';
const writeOthers = (count: number) => log.warn('log.events_omitted', { count });

/**
 * Creates a function that writes at most one log line per minute for each kind of event, so that no client can fill the
 * log. The first event is logged immediately; those of the rest of the minute are logged as one line, with their number.
 * @returns a function that calls `write` with the number of events that the line stands for
 */
export function createLineLimiter(windowMs = WINDOW_MS) {
  /** How many events of each kind were not logged in the current window. */
  const unlogged = new Map<string, number>();
  const open = (kind: string, write: (count: number) => void) => {
    unlogged.set(kind, 0);
    setTimeout(() => {
      const count = unlogged.get(kind) ?? 0;
      unlogged.delete(kind);
      if (count === 0) return;
      write(count);
      open(kind, write);
    }, windowMs).unref();
  };
  const add = (kind: string, write: (count: number) => void): void => {
    const count = unlogged.get(kind);
    if (count !== undefined) return void unlogged.set(kind, count + 1);
    write(1);
    open(kind, write);
  };
  return (kind: string, write: (count: number) => void): void => {
    if (unlogged.has(kind) || unlogged.size < MAX_KINDS) add(kind, write);
    else add(OTHER_KINDS, writeOthers);
  };
}
