// Loaded before a program under test (`node --import`): the machine's clock, as the program sees it by `Date`, jumps
// by as many milliseconds as the test sends. Timers and `performance.now()` go on, as they do when a clock is set.
const RealDate = Date;
let ahead = 0;

class MovedDate extends RealDate {
  constructor(...values: unknown[]) {
    // @ts-expect-error: the arguments are handed on as they come
    super(...(values.length === 0 ? [RealDate.now() + ahead] : values));
  }

  static override now(): number {
    return RealDate.now() + ahead;
  }
}

globalThis.Date = MovedDate as DateConstructor;

process.on('message', (message: { aheadMs?: number }) => {
  if (message.aheadMs === undefined) return;
  ahead = message.aheadMs;
  process.send?.({ movedTo: ahead });
});

export {};
