/** @typedef {{ passed: number, failed: number }} Counts */

/**
 * A step that ended badly has failed at least once, whatever it counted; so has one that counted nothing.
 * @param {Counts} counts
 * @param {boolean} endedWell
 * @returns {Counts}
 */
function atLeastOne(counts, endedWell) {
  const silent = counts.failed === 0 && (!endedWell || counts.passed === 0);
  return silent ? { ...counts, failed: 1 } : counts;
}

/**
 * What `scripts/check.mjs` counted, from its last line.
 * @param {string} output
 * @param {boolean} endedWell
 */
export function countChecks(output, endedWell) {
  const [, passed = 0, failed = 0] = /(\d+) passed, (\d+) failed\s*$/.exec(output) ?? [];
  return atLeastOne({ passed: Number(passed), failed: Number(failed) }, endedWell);
}

/**
 * What Vitest counted. A file that could not be loaded has no tests, and counts as a failure.
 * @param {any} report of Vitest's JSON reporter, null where there is none
 * @param {boolean} endedWell
 */
export function countVitest(report, endedWell) {
  const files = /** @type {{ status: string, assertionResults: { status: string }[] }[]} */ (
    report?.testResults ?? []
  );
  const notLoaded = files.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  ).length;
  const failed = (report?.numFailedTests ?? 0) + notLoaded;
  return atLeastOne({ passed: report?.numPassedTests ?? 0, failed }, endedWell);
}

/**
 * What Playwright counted. What went wrong outside any test counts as a failure; so does a test that passed
 * at the second go.
 * @param {any} report of Playwright's JSON reporter, null where there is none
 * @param {boolean} endedWell
 */
export function countPlaywright(report, endedWell) {
  const { expected = 0, unexpected = 0, flaky = 0 } = report?.stats ?? {};
  return atLeastOne(
    { passed: expected, failed: unexpected + flaky + (report?.errors?.length ?? 0) },
    endedWell,
  );
}
