import type { AccountTimeline } from '#lib/key-delivery/timeline/schema.ts';
import { API_ACCOUNTS_PATH } from '../list/accounts-query.ts';

export type PollResult =
  | { status: 'loaded'; timeline: AccountTimeline; receivedAt: number }
  /** Polling continues with a growing delay. */
  | { status: 'unreachable' }
  /** Polling has stopped. */
  | { status: 'stopped'; reason: 'signed_out' | 'refused' | 'not_found' };

const TIMEOUT_MS = 10_000;
const MINUTE_MS = 60_000;
const MAX_DELAY_MS = MINUTE_MS;

/** Returns the delay between polls. It grows the longer the page stays visible. */
function getDelay(elapsedMs: number): number {
  if (elapsedMs < 5 * MINUTE_MS) return 3_000;
  return elapsedMs < 30 * MINUTE_MS ? 10_000 : MAX_DELAY_MS;
}

async function loadTimeline(id: string, signal: AbortSignal): Promise<PollResult> {
  try {
    const response = await fetch(`${API_ACCOUNTS_PATH}/${id}/timeline`, {
      cache: 'no-store',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    if (response.ok) {
      const timeline = (await response.json()) as AccountTimeline;
      return { status: 'loaded', timeline, receivedAt: Date.now() };
    }
    if (response.status === 401) return { status: 'stopped', reason: 'signed_out' };
    if (response.status === 403) return { status: 'stopped', reason: 'refused' };
    return response.status === 404 ? { status: 'stopped', reason: 'not_found' } : { status: 'unreachable' };
  } catch {
    // The request failed or timed out. The browser's console shows the cause.
    return { status: 'unreachable' };
  }
}

/**
 * Polls an account's timeline while the page is visible: every 3 seconds, and less often later or after errors.
 * Does not use server actions: they run one at a time, so polling would delay a save.
 * @returns `poll` polls immediately, or right after a running poll; `stop` ends polling for good
 */
export function pollTimeline(id: string, onResult: (result: PollResult) => void) {
  const abortController = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let startedAt = Date.now();
  let failures = 0;
  let isBusy = false;
  let isRequestedAgain = false;

  function scheduleNext() {
    const backoff = Math.min(3_000 * 2 ** failures, MAX_DELAY_MS);
    const delay = isRequestedAgain ? 0 : failures > 0 ? backoff : getDelay(Date.now() - startedAt);
    timer = setTimeout(poll, delay);
  }

  async function poll() {
    clearTimeout(timer);
    if (abortController.signal.aborted || document.hidden) return;
    if (isBusy) {
      isRequestedAgain = true;
      return;
    }
    [isBusy, isRequestedAgain] = [true, false];
    const result = await loadTimeline(id, abortController.signal);
    isBusy = false;
    if (abortController.signal.aborted) return;
    failures = result.status === 'unreachable' ? failures + 1 : 0;
    if (result.status === 'stopped') stop();
    else scheduleNext();
    onResult(result);
  }

  function handleVisibilityChange() {
    if (document.hidden) return clearTimeout(timer);
    startedAt = Date.now();
    void poll();
  }

  function stop() {
    abortController.abort();
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', handleVisibilityChange);
  }

  document.addEventListener('visibilitychange', handleVisibilityChange);
  void poll();
  return { poll, stop };
}
