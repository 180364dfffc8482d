import { log } from '#lib/platform/log.ts';

const MAX_LINES_PER_MINUTE = 60;
const MINUTE_MS = 60_000;

let minute = { endsAt: 0, lines: 0 };

/**
 * Logs a refused request. Limits the lines per minute and process; the last line says that more are not logged.
 * @param requested the name of the action or route, if known
 * @param userId null if unauthenticated
 */
export function logRefusal(
  reason: string,
  { requested, userId }: { requested?: string | undefined; userId: string | null },
): void {
  const now = performance.now();
  if (now > minute.endsAt) minute = { endsAt: now + MINUTE_MS, lines: 0 };
  minute.lines += 1;
  if (minute.lines > MAX_LINES_PER_MINUTE) return;
  const last = minute.lines === MAX_LINES_PER_MINUTE ? { moreThisMinute: 'not logged' } : {};
  log.warn('request.refused', { reason, requested: requested ?? null, userId, ...last });
}
