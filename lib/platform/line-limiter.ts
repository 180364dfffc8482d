const WINDOW_MS = 60_000;
/** Bounds the lines per window of all kinds together. Further kinds share one. */
const MAX_KINDS = 60;

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
  return (requestedKind: string, write: (count: number) => void): void => {
    const isKnown = unlogged.has(requestedKind) || unlogged.size < MAX_KINDS;
    const kind = isKnown ? requestedKind : 'others';
    const count = unlogged.get(kind);
    if (count !== undefined) return void unlogged.set(kind, count + 1);
    write(1);
    open(kind, write);
  };
}
