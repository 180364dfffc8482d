import type { AccountTimeline } from '#lib/key-delivery/timeline/schema.ts';
import { LIST_PATH } from '../list/list-query.ts';

export type Answer =
  | { is: 'timeline'; timeline: AccountTimeline; receivedAt: number }
  /** Asked again, ever less often. */
  | { is: 'unreachable' }
  /** Not asked again. */
  | { is: 'over'; reason: 'signed_out' | 'refused' | 'missing' };

const ANSWER_WITHIN_MS = 10_000;
const LONGEST_WAIT_MS = 60_000;
const MINUTE = 60_000;

/** How often it is asked, after so long: whoever leaves the editor open all day is not watching. */
function paceAfter(watchedMs: number): number {
  if (watchedMs < 5 * MINUTE) return 3_000;
  return watchedMs < 30 * MINUTE ? 10_000 : LONGEST_WAIT_MS;
}

async function ask(id: string, signal: AbortSignal): Promise<Answer> {
  try {
    const response = await fetch(`${LIST_PATH}/${id}/timeline`, {
      cache: 'no-store',
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
    });
    if (response.ok) {
      return { is: 'timeline', timeline: (await response.json()) as AccountTimeline, receivedAt: Date.now() };
    }
    if (response.status === 401) return { is: 'over', reason: 'signed_out' };
    if (response.status === 403) return { is: 'over', reason: 'refused' };
    return response.status === 404 ? { is: 'over', reason: 'missing' } : { is: 'unreachable' };
  } catch {
    // The connection was lost, or nobody answered in time: the browser's console has the cause.
    return { is: 'unreachable' };
  }
}

/**
 * Asks for an account's timeline again and again while the page is seen: every 3 seconds, later less often, and after
 * an error ever less often. Not by server actions: these wait for one another, and a Save must not wait for this.
 * @returns `look`: asks at once; `stop`: for good
 */
export function pollTimeline(id: string, tell: (answer: Answer) => void) {
  const stopping = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let begun = Date.now();
  let failures = 0;
  let busy = false;
  let onceMore = false;

  function schedule() {
    const backoff = Math.min(3_000 * 2 ** failures, LONGEST_WAIT_MS);
    const wait = onceMore ? 0 : failures > 0 ? backoff : paceAfter(Date.now() - begun);
    timer = setTimeout(look, wait);
  }

  async function look() {
    clearTimeout(timer);
    if (stopping.signal.aborted || document.hidden) return;
    if (busy) {
      onceMore = true;
      return;
    }
    [busy, onceMore] = [true, false];
    const answer = await ask(id, stopping.signal);
    busy = false;
    if (stopping.signal.aborted) return;
    failures = answer.is === 'unreachable' ? failures + 1 : 0;
    if (answer.is === 'over') stop();
    else schedule();
    tell(answer);
  }

  function onVisibility() {
    if (document.hidden) return clearTimeout(timer);
    begun = Date.now();
    void look();
  }

  function stop() {
    stopping.abort();
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', onVisibility);
  }

  document.addEventListener('visibilitychange', onVisibility);
  void look();
  return { look, stop };
}
