import type { ReactNode } from 'react';
import { SkeletonBoundary } from './skeleton-boundary.tsx';

/** How long content may take before a skeleton is shown: less is noticed as a flicker rather than as waiting. */
const PATIENCE_MS = 200;

type SkeletonIfSlowProps = { content: Promise<Awaited<ReactNode>>; skeleton: ReactNode; patienceMs?: number };

/**
 * Shows the content if it is ready soon; otherwise the skeleton, until the content has arrived. If the page is already
 * shown, for example while a search runs, it stays instead.
 */
export async function SkeletonIfSlow({ content, skeleton, patienceMs = PATIENCE_MS }: SkeletonIfSlowProps) {
  const { promise: patienceEnds, resolve } = Promise.withResolvers<'slow'>();
  const timer = setTimeout(resolve, patienceMs, 'slow');
  const first = await Promise.race([content.then(() => 'ready'), patienceEnds]).finally(() =>
    clearTimeout(timer),
  );
  return (
    // A skeleton that is not shown would only make the page larger.
    <SkeletonBoundary skeleton={first === 'slow' && skeleton}>
      {first === 'slow' ? content : await content}
    </SkeletonBoundary>
  );
}
