import { describe, expect, it } from 'vitest';
import { countChecks, countPlaywright, countVitest } from './test-counts.mjs';

describe('countChecks', () => {
  it('reads the last line', () => {
    expect(countChecks('passed  types\n6 passed, 1 failed\n', false)).toEqual({ passed: 6, failed: 1 });
  });

  it('counts a failure where there is no such line', () => {
    expect(countChecks('SyntaxError', false)).toEqual({ passed: 0, failed: 1 });
  });
});

describe('countVitest', () => {
  it('counts a file that could not be loaded', () => {
    const testResults = [{ status: 'failed', assertionResults: [] }];
    expect(countVitest({ numPassedTests: 3, numFailedTests: 0, testResults }, false)).toEqual({
      passed: 3,
      failed: 1,
    });
  });

  it('counts an error outside any test', () => {
    const report = { numPassedTests: 3, numFailedTests: 0, testResults: [] };
    expect(countVitest(report, false)).toEqual({ passed: 3, failed: 1 });
    expect(countVitest(report, true)).toEqual({ passed: 3, failed: 0 });
  });

  it('counts a failure where nothing ran', () => {
    expect(countVitest(null, true)).toEqual({ passed: 0, failed: 1 });
  });
});

describe('countPlaywright', () => {
  it('counts tests, flaky ones as failures, and errors outside any test', () => {
    const report = { stats: { expected: 9, unexpected: 1, flaky: 1 }, errors: [{}] };
    expect(countPlaywright(report, false)).toEqual({ passed: 9, failed: 3 });
  });
});
