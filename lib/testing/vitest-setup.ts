import fc from 'fast-check';
import { afterEach, beforeEach, expect, type MockInstance, vi } from 'vitest';
import { TEST_SEED } from './scale.ts';

fc.configureGlobal({ seed: TEST_SEED });

let consoleErrors: MockInstance<typeof console.error>;
let standardError: MockInstance<typeof process.stderr.write>;

/** Returns the error lines that `lib/platform/log.ts` has written. */
function findErrorLines(): string[] {
  return standardError.mock.calls
    .map(([text]) => String(text))
    .filter((text) => text.includes('"level":"error"'));
}

// An unexpected error in the log fails the test. A test that causes an error asserts the line and then clears it:
// `vi.mocked(process.stderr.write).mockClear()`.
beforeEach(() => {
  consoleErrors = vi.spyOn(console, 'error');
  standardError = vi.spyOn(process.stderr, 'write');
});

afterEach(() => {
  expect([...consoleErrors.mock.calls, ...findErrorLines()], 'errors that were not expected').toEqual([]);
});
