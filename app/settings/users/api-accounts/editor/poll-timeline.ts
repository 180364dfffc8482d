import type { AccountTimeline } from '#lib/key-delivery/timeline/schema.ts';
import { LIST_PATH } from '../list/list-query.ts';

export type PollResult =
  | { status: 'loaded'; timeline: AccountTimeline; receivedAt: number }
  /** Polling goes on with a growing delay. */
  | { status: 'unreachable' }
  /** Polling has stopped. */
  | { status: 'stopped'; reason: 'signed_out' | 'refused' | 'missing' };

const TIMEOUT_MS = 10_000;
const MAX_DELAY_MS = 60_000;
const MINUTE = 60_000;

/** Returns the delay between polls; it grows for an editor that stays open. */
function delayAfter(elapsedMs: number): number {
  if (elapsedMs < 5 * MINUTE) return 3_000;
  return elapsedMs < 30 * MINUTE ? 10_000 : MAX_DELAY_MS;
}

async function loadTimeline(id: string, signal: AbortSignal): Promise<PollResult> {
  try {
    const response = await fetch(`${LIST_PATH}/${id}/timeline`, {
      cache: 'no-store',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    if (response.ok) {
      const timeline = (await response.json()) as AccountTimeline;
      return { status: 'loaded', timeline, receivedAt: Date.now() };
    }
    if (response.status === 401) return { status: 'stopped', reason: 'signed_out' };
    if (response.status === 403) return { status: 'stopped', reason: 'refused' };
    return response.status === 404 ? { status: 'stopped', reason: 'missing' } : { status: 'unreachable' };
  } catch {
    // The request failed or timed out. The browser's console shows the cause.
    return { status: 'unreachable' };
  }
}

/**
 * Polls an account's timeline while the page is visible: every 3 seconds, and less often later or after errors.
 * Does not use server actions: they run one at a time, so polling would delay a Save.
 * @returns `poll` polls immediately; `stop` ends polling
 */
export function pollTimeline(id: string, onResult: (result: PollResult) => void) {
  const stopping = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let startedAt = Date.now();
  let failures = 0;
  let isBusy = false;
  let isRequestedAgain = false;

  function schedule() {
    const backoff = Math.min(3_000 * 2 ** failures, MAX_DELAY_MS);
    const delay = isRequestedAgain ? 0 : failures > 0 ? backoff : delayAfter(Date.now() - startedAt);
    timer = setTimeout(poll, delay);
  }

  async function poll() {
    clearTimeout(timer);
    if (stopping.signal.aborted || document.hidden) return;
    if (isBusy) {
      isRequestedAgain = true;
      return;
    }
    [isBusy, isRequestedAgain] = [true, false];
    const result = await loadTimeline(id, stopping.signal);
    isBusy = false;
    if (stopping.signal.aborted) return;
    failures = result.status === 'unreachable' ? failures + 1 : 0;
    if (result.status === 'stopped') stop();
    else schedule();
    onResult(result);
  }

  function handleVisibilityChange() {
    if (document.hidden) return clearTimeout(timer);
    startedAt = Date.now();
    void poll();
  }

  function stop() {
    stopping.abort();
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', handleVisibilityChange);
  }

  document.addEventListener('visibilitychange', handleVisibilityChange);
  void poll();
  return { poll, stop };
}
