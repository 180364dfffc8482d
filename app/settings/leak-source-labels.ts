import type { LeakSource } from '#lib/account-state/status.ts';

/** Labels of those who reported a leak. */
export const LEAK_SOURCE_LABELS: Record<LeakSource, string> = {
  page: 'Someone on the page for leaked keys',
  api: 'A program',
  github: 'GitHub',
};
