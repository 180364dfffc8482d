import fc from 'fast-check';
import { afterEach, beforeEach, expect, type MockInstance, vi } from 'vitest';
import { TEST_SEED } from './scale.ts';

fc.configureGlobal({ seed: TEST_SEED });

let consoleErrors: MockInstance<typeof console.error>;
let standardError: MockInstance<typeof process.stderr.write>;

/** Returns the error lines of our own log (`lib/platform/log.ts`). */
function errorLines(): string[] {
  return standardError.mock.calls
    .map(([text]) => String(text))
    .filter((text) => text.includes('"level":"error"'));
}

// An unexpected error fails the test that logged it. A test that provokes an error asserts it and then clears it:
// `vi.mocked(process.stderr.write).mockClear()`.
beforeEach(() => {
  consoleErrors = vi.spyOn(console, 'error');
  standardError = vi.spyOn(process.stderr, 'write');
});

afterEach(() => {
  expect([...consoleErrors.mock.calls, ...errorLines()], 'errors that were not expected').toEqual([]);
});
