// Tests preload this file into a program (`node --import`). It shifts the program's `Date` by the milliseconds that the
// test sends. As when a machine's clock is set, timers and `performance.now()` are not affected.
const RealDate = Date;
let clockOffsetMs = 0;

class ShiftedDate extends RealDate {
  constructor(...args: unknown[]) {
    // @ts-expect-error: the arguments are passed through unchanged
    super(...(args.length === 0 ? [RealDate.now() + clockOffsetMs] : args));
  }

  static override now(): number {
    return RealDate.now() + clockOffsetMs;
  }
}

globalThis.Date = ShiftedDate as DateConstructor;

process.on('message', (message: { clockOffsetMs?: number }) => {
  if (message.clockOffsetMs === undefined) return;
  clockOffsetMs = message.clockOffsetMs;
  process.send?.({ appliedMs: clockOffsetMs });
});

export {};
