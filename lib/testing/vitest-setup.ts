import fc from 'fast-check';
import { afterEach, beforeEach, expect, type MockInstance, vi } from 'vitest';
import { TEST_SEED } from './scale.ts';

fc.configureGlobal({ seed: TEST_SEED });

let complaints: MockInstance<typeof console.error>;
let standardError: MockInstance<typeof process.stderr.write>;

/** The lines of our own log (`lib/platform/log.ts`) that are errors. */
function errorLines(): string[] {
  return standardError.mock.calls
    .map(([text]) => String(text))
    .filter((text) => text.includes('"level":"error"'));
}

// An error that nobody expected fails the test in which it was said. A test that provokes one looks at it and
// then clears it: `vi.mocked(process.stderr.write).mockClear()`.
beforeEach(() => {
  complaints = vi.spyOn(console, 'error');
  standardError = vi.spyOn(process.stderr, 'write');
});

afterEach(() => {
  expect([...complaints.mock.calls, ...errorLines()], 'errors that were not expected').toEqual([]);
});
