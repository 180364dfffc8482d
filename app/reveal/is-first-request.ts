/** A request this soon after a test may be the test itself: the verifier reports its time with some imprecision. */
const TOLERANCE_MS = 2_000;

/**
 * Returns whether a verifier has allowed a request that was not a test from the page. Times are ISO 8601.
 * @param lastRequestAt when a verifier last allowed a request; null if it has not
 * @param testedAt when the last test had ended; null if there was none
 */
export function isFirstRequest(lastRequestAt: string | null, testedAt: string | null): boolean {
  if (lastRequestAt === null) return false;
  return testedAt === null || Date.parse(lastRequestAt) > Date.parse(testedAt) + TOLERANCE_MS;
}
