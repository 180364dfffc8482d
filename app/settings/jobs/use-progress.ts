'use client';
import { useEffect, useState } from 'react';
import type { BulkJobView } from '#lib/bulk-jobs/schema.ts';
import { buildJobHref, isActive } from './job-labels.ts';

export type Progress = Pick<BulkJobView, 'state' | 'waitingUntil' | 'total' | 'counts'>;

const INTERVAL_MS = 2_000;
const TIMEOUT_MS = 10_000;

/** Loads a job's progress; null if the server did not respond, or not with it. */
async function loadProgress(id: string): Promise<Progress | null> {
  try {
    const response = await fetch(`${buildJobHref(id)}/progress`, {
      cache: 'no-store',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) return null;
    const { waitingUntil, ...progress } = await response.json();
    return { ...progress, waitingUntil: waitingUntil && new Date(waitingUntil) };
  } catch {
    // The next poll tries again. The browser's console has the cause.
    return null;
  }
}

/**
 * Keeps a job's progress up to date while the worker has something to do and the page is visible. Polls a route, because
 * server actions run one at a time and would extend the session.
 * @param onStateChange called when the job has another state than the page shows
 */
export function useProgress(
  { id, state, waitingUntil, total, counts }: Progress & { id: string },
  onStateChange: () => void,
): { progress: Progress; isUnreachable: boolean } {
  const [polled, setPolled] = useState<Progress | null>(null);
  const [isUnreachable, setIsUnreachable] = useState(false);

  useEffect(() => {
    if (!isActive({ state })) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isStopped = false;
    async function poll() {
      const loaded = document.hidden ? undefined : await loadProgress(id);
      if (isStopped) return;
      if (loaded !== undefined) setIsUnreachable(loaded === null);
      if (loaded) setPolled(loaded);
      // Until the page shows the other state.
      if (loaded && loaded.state !== state) onStateChange();
      timer = setTimeout(poll, INTERVAL_MS);
    }
    timer = setTimeout(poll, INTERVAL_MS);
    return () => {
      isStopped = true;
      clearTimeout(timer);
    };
  }, [id, state, onStateChange]);

  return { progress: polled ?? { state, waitingUntil, total, counts }, isUnreachable };
}
