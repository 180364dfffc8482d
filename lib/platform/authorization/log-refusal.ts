import { log } from '#lib/platform/log.ts';

const MAX_LINES_PER_MINUTE = 60;
const WINDOW_MS = 60_000;

let currentWindow = { endsAt: 0, lines: 0 };

/**
 * Logs a refused request. Limits the lines per minute and process. The last line states that further ones are not logged.
 * @param requested the name of the action or route, if known
 * @param userId null if unauthenticated
 */
export function logRefusal(
  reason: string,
  { requested, userId }: { requested?: string | undefined; userId: string | null },
): void {
  const now = performance.now();
  if (now > currentWindow.endsAt) currentWindow = { endsAt: now + WINDOW_MS, lines: 0 };
  currentWindow.lines += 1;
  if (currentWindow.lines > MAX_LINES_PER_MINUTE) return;
  const limitNote = currentWindow.lines === MAX_LINES_PER_MINUTE ? { moreThisMinute: 'not logged' } : {};
  log.warn('request.refused', { reason, requested: requested ?? null, userId, ...limitNote });
}
