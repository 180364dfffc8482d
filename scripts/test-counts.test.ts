import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { countChecks, countPlaywright, countSilentFailure, countVitest } from './test-counts.ts';

const createFileReport = (name: string, statuses: string[], overrides: object = {}) => ({
  name: path.resolve(name),
  status: statuses.includes('failed') ? 'failed' : 'passed',
  startTime: 1_000,
  endTime: 3_500,
  assertionResults: statuses.map((status) => ({
    status,
    fullName: `list is ${status}`,
    failureMessages: status === 'failed' ? ['\u001b[31mexpected 1 to be 2\u001b[39m'] : [],
  })),
  ...overrides,
});

describe('countSilentFailure', () => {
  const counts = { passed: 3, failed: 0, skipped: 0 };

  it('adds a failure if the step failed without a failed test', () => {
    expect(countSilentFailure(counts, false)).toMatchObject({ passed: 3, failed: 1 });
    expect(countSilentFailure(counts, true)).toEqual(counts);
  });

  it('adds a failure if there was no test, not even a skipped one', () => {
    expect(countSilentFailure(countVitest(null), true)).toMatchObject({ failed: 1 });
    expect(countSilentFailure({ passed: 0, failed: 0, skipped: 2 }, true)).toMatchObject({ failed: 0 });
  });
});

describe('countChecks', () => {
  it('reads the counts from the last line, and the names of failed checks', () => {
    expect(countChecks('FAILED  types (8.0 s)\na.ts: error\n6 passed, 1 failed\n')).toMatchObject({
      passed: 6,
      failed: 1,
      failures: ['npm run check: types (8.0 s)'],
    });
  });

  it('returns zeros if the last line has no counts', () => {
    expect(countChecks('SyntaxError')).toMatchObject({ passed: 0, failed: 0 });
  });
});

describe('countVitest', () => {
  it('counts tests, seconds and skipped tests per file, and describes failures', () => {
    const testResults = [
      createFileReport('lib/a.test.ts', ['passed', 'failed']),
      createFileReport('lib/b.test.ts', ['passed', 'skipped', 'pending']),
    ];
    expect(countVitest({ testResults })).toEqual({
      passed: 2,
      failed: 1,
      skipped: 2,
      files: new Map([
        ['lib/a.test.ts', 2.5],
        ['lib/b.test.ts', 2.5],
      ]),
      skippedFiles: new Map([['lib/b.test.ts', 2]]),
      failures: ['lib/a.test.ts: list is failed\nexpected 1 to be 2'],
    });
  });

  it('counts a file that could not be loaded as a failure', () => {
    const testResults = [createFileReport('lib/a.test.ts', [], { status: 'failed', message: 'SyntaxError' })];
    expect(countVitest({ testResults })).toMatchObject({
      failed: 1,
      failures: ['lib/a.test.ts: SyntaxError'],
    });
  });
});

describe('countPlaywright', () => {
  const specs = [
    {
      title: 'opens',
      tests: [
        { status: 'expected', results: [{ duration: 1_500 }] },
        { status: 'skipped', results: [] },
        { status: 'unexpected', results: [{ duration: 500, errors: [{ message: 'Timeout' }] }] },
      ],
    },
  ];

  it('counts flaky tests and errors outside tests as failures, skipped tests per file, and describes failures', () => {
    const report = {
      config: { rootDir: path.resolve('e2e') },
      stats: { expected: 9, unexpected: 1, flaky: 1, skipped: 1 },
      errors: [{ message: 'No browser' }],
      suites: [{ file: 'a.spec.ts', suites: [{ file: 'a.spec.ts', specs }] }],
    };
    expect(countPlaywright(report)).toEqual({
      passed: 9,
      failed: 3,
      skipped: 1,
      files: new Map([['e2e/a.spec.ts', 2]]),
      skippedFiles: new Map([['e2e/a.spec.ts', 1]]),
      failures: ['Outside tests: No browser', 'e2e/a.spec.ts: opens\nTimeout'],
    });
  });
});
