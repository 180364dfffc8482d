import { log } from '#lib/platform/log.ts';

/** How many lines about refused requests a process writes in a minute. */
const LINES_PER_MINUTE = 60;
const MINUTE_MS = 60_000;

let minute = { endsAt: 0, lines: 0 };

/**
 * Writes a line about a refused request, unless there were many within this minute; the last one says so.
 * @param requested the action's or route's name, where it is known
 * @param userId null: nobody is known
 */
export function logRefusal(
  reason: string,
  { requested, userId }: { requested?: string | undefined; userId: string | null },
): void {
  const now = performance.now();
  if (now > minute.endsAt) minute = { endsAt: now + MINUTE_MS, lines: 0 };
  minute.lines += 1;
  if (minute.lines > LINES_PER_MINUTE) return;
  const last = minute.lines === LINES_PER_MINUTE ? { moreThisMinute: 'not logged' } : {};
  log.warn('request.refused', { reason, requested: requested ?? null, userId, ...last });
}
