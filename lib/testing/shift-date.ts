// Preloaded into a program under test (`node --import`). Shifts the program's `Date` by the milliseconds that the
// test sends. Timers and `performance.now()` are not affected, as when a machine's clock is set.
const RealDate = Date;
let offsetMs = 0;

class ShiftedDate extends RealDate {
  constructor(...values: unknown[]) {
    // @ts-expect-error: the arguments are passed through unchanged
    super(...(values.length === 0 ? [RealDate.now() + offsetMs] : values));
  }

  static override now(): number {
    return RealDate.now() + offsetMs;
  }
}

globalThis.Date = ShiftedDate as DateConstructor;

process.on('message', (message: { offsetMs?: number }) => {
  if (message.offsetMs === undefined) return;
  offsetMs = message.offsetMs;
  process.send?.({ appliedMs: offsetMs });
});

export {};
