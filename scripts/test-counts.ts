import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';

export type Counts = { passed: number; failed: number; skipped: number };
/**
 * The result of one step. `files`: seconds per test file; `skippedFiles`: skipped tests per file; `failures`: file, name
 * and message of each failed test.
 */
export type StepResult = Counts & {
  files: Map<string, number>;
  skippedFiles: Map<string, number>;
  failures: string[];
};

export const createEmptyResult = (): StepResult => ({
  passed: 0,
  failed: 0,
  skipped: 0,
  files: new Map(),
  skippedFiles: new Map(),
  failures: [],
});

/** The fields of Vitest's and Playwright's JSON reports that are read here. */
type VitestReport = {
  testResults: {
    name: string;
    status: string;
    startTime: number;
    endTime: number;
    /** Why the file could not be loaded. */
    message?: string;
    assertionResults: { status: string; fullName?: string; failureMessages?: string[] | null }[];
  }[];
};
type PlaywrightError = { message?: string };
type Suite = {
  file: string;
  suites?: Suite[];
  specs?: {
    title: string;
    tests: { status: string; results: { duration: number; errors?: PlaywrightError[] }[] }[];
  }[];
};
type PlaywrightReport = {
  config: { rootDir: string };
  suites: Suite[];
  errors: PlaywrightError[];
  stats: { expected: number; unexpected: number; flaky: number; skipped: number };
};

const addCount = (counts: Map<string, number>, file: string, count: number) =>
  counts.set(file, (counts.get(file) ?? 0) + count);
/** Describes a failure in at most 1,000 characters, without the colours of a terminal. */
const describeFailure = (file: string, name = '', messages: (string | undefined)[] = []) =>
  stripVTControlCharacters([`${file}: ${name}`, ...messages].join('\n')).slice(0, 1_000);
const toRelativePath = (file: string) => path.relative(process.cwd(), file);

/** Adds a failure if a step failed without a failed test, or has neither run nor skipped a test. */
export function countSilentFailure<T extends Counts>(counts: T, hasSucceeded: boolean): T {
  const isSilent = counts.failed === 0 && (!hasSucceeded || counts.passed + counts.skipped === 0);
  return isSilent ? { ...counts, failed: 1 } : counts;
}

/** Reads the counts from the last line that `scripts/check.ts` printed, and the names of the checks that failed. */
export function countChecks(output: string): StepResult {
  const [, passed = 0, failed = 0] = /(\d+) passed, (\d+) failed\s*$/.exec(output) ?? [];
  const failures = [...output.matchAll(/^FAILED {2}(.*)$/gm)].map(([, check]) => `npm run check: ${check}`);
  return { ...createEmptyResult(), passed: Number(passed), failed: Number(failed), failures };
}

/** Counts the tests of a Vitest report. A file that could not be loaded counts as a failure. */
export function countVitest(report: VitestReport | null): StepResult {
  const result = createEmptyResult();
  for (const { name, status, message, startTime, endTime, assertionResults } of report?.testResults ?? []) {
    const count = (status: string) => assertionResults.filter((test) => test.status === status).length;
    const failed = count('failed');
    const skipped = assertionResults.length - count('passed') - failed;
    result.passed += count('passed');
    result.failed += status === 'failed' ? Math.max(failed, 1) : failed;
    result.skipped += skipped;
    const file = toRelativePath(name);
    if (status === 'failed' && failed === 0) result.failures.push(describeFailure(file, message));
    for (const test of assertionResults.filter((test) => test.status === 'failed'))
      result.failures.push(describeFailure(file, test.fullName, test.failureMessages ?? []));
    if (skipped > 0) addCount(result.skippedFiles, file, skipped);
    addCount(result.files, file, (endTime - startTime) / 1_000);
  }
  return result;
}

/**
 * Counts the tests of a Playwright report. Errors outside tests count as failures, and so do tests that passed only at
 * the second attempt.
 */
export function countPlaywright(report: PlaywrightReport | null): StepResult {
  const { expected = 0, unexpected = 0, flaky = 0, skipped = 0 } = report?.stats ?? {};
  const failed = unexpected + flaky + (report?.errors.length ?? 0);
  const result = { ...createEmptyResult(), passed: expected, failed, skipped };
  const visit = ({ file, suites = [], specs = [] }: Suite) => {
    suites.forEach(visit);
    const name = toRelativePath(path.join(report?.config.rootDir ?? '', file));
    for (const { title, tests } of specs)
      for (const { status, results } of tests) {
        if (status === 'skipped') addCount(result.skippedFiles, name, 1);
        for (const { duration } of results) addCount(result.files, name, duration / 1_000);
        const messages = results.flatMap(({ errors = [] }) => errors.map(({ message }) => message));
        if (status === 'unexpected' || status === 'flaky')
          result.failures.push(describeFailure(name, title, messages));
      }
  };
  for (const { message } of report?.errors ?? [])
    result.failures.push(describeFailure('Outside tests', message));
  report?.suites.forEach(visit);
  return result;
}
