'use client';
import { useCallback, useEffect, useRef, useState } from 'react';
import { checkFirstRequest } from './actions.ts';
import { isFirstRequest } from './is-first-request.ts';

const POLL_MS = 2_000;
const SLOW_POLL_MS = 10_000;
/** After this time, the page polls less often. */
const SLOW_AFTER_MS = 10 * 60_000;

/** The first request, and the database's time in the response that reported it. Times are ISO 8601. */
export type ReceivedRequest = { requestedAt: string; respondedAt: string; receivedAt: number };
/** `ended`: the page token has expired, or the key was replaced or deleted, so that the page would wait in vain. */
export type FirstRequestState = ReceivedRequest | 'waiting' | 'ended';

/**
 * Waits for the first request with the key, while the page is visible.
 * @param pageToken null before the key is shown
 * @returns `recordTest`: to be called with the time of each test of the key
 */
export function useFirstRequest(pageToken: string | null) {
  const [firstRequest, setFirstRequest] = useState<FirstRequestState>('waiting');
  const testedAt = useRef<string | null>(null);
  const isWaiting = firstRequest === 'waiting';

  useEffect(() => {
    if (pageToken === null || !isWaiting) return;
    const startedAt = Date.now();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isPolling = false;
    let isStopped = false;
    const poll = async () => {
      clearTimeout(timer);
      if (isPolling || isStopped || document.hidden) return;
      isPolling = true;
      // An error is ignored, because the next poll may succeed.
      const result = await checkFirstRequest({ pageToken }).catch(() => null);
      isPolling = false;
      if (isStopped) return;
      if (result?.ok === false && result.reason === 'invalid_link') return setFirstRequest('ended');
      if (result?.ok && result.lastRequestAt && isFirstRequest(result.lastRequestAt, testedAt.current)) {
        const { lastRequestAt: requestedAt, now: respondedAt } = result;
        return setFirstRequest({ requestedAt, respondedAt, receivedAt: Date.now() });
      }
      timer = setTimeout(poll, Date.now() - startedAt > SLOW_AFTER_MS ? SLOW_POLL_MS : POLL_MS);
    };
    timer = setTimeout(poll, POLL_MS);
    document.addEventListener('visibilitychange', poll);
    return () => {
      isStopped = true;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', poll);
    };
  }, [pageToken, isWaiting]);

  const recordTest = useCallback((at: string) => {
    testedAt.current = at;
  }, []);
  return { firstRequest, recordTest };
}
