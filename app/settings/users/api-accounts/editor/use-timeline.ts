'use client';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { AccountTimeline } from '#lib/key-delivery/timeline/schema.ts';
import { type Answer, pollTimeline } from './poll-timeline.ts';

/** Why what is shown is not, or no longer, up to date. `signInAgain`, as in `ActionFailure`. */
export type Interruption = { message: string; signInAgain: boolean; isOver: boolean };

const OVER: Record<Extract<Answer, { is: 'over' }>['reason'], Interruption> = {
  signed_out: {
    message: 'Your session has ended, so the hand-over is no longer followed.',
    signInAgain: true,
    isOver: true,
  },
  refused: {
    message: 'The hand-over is no longer followed: your role may have changed. Reload the page to see.',
    signInAgain: false,
    isOver: true,
  },
  missing: { message: 'This API account is no longer there.', signInAgain: false, isOver: true },
};

const UNREACHABLE: Interruption = {
  message: 'The server does not answer. It is asked again by itself.',
  signInAgain: false,
  isOver: false,
};

export type PolledTimeline = {
  /** Null until it is first there. */
  loaded: { timeline: AccountTimeline; receivedAt: number } | null;
  interruption: Interruption | null;
  /** Asks at once. */
  refresh: () => void;
  /** Begins anew, where it was over. */
  tryAgain: () => void;
};

/** An account's timeline, kept up to date while it is looked at. What was loaded stays, whatever comes after. */
export function useTimeline(id: string): PolledTimeline {
  const [loaded, setLoaded] = useState<PolledTimeline['loaded']>(null);
  const [interruption, setInterruption] = useState<Interruption | null>(null);
  const [attempt, setAttempt] = useState(0);
  const watch = useRef<ReturnType<typeof pollTimeline> | null>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `attempt` is there to begin anew.
  useEffect(() => {
    watch.current = pollTimeline(id, (answer) => {
      if (answer.is === 'timeline') setLoaded(answer);
      const over = answer.is === 'over' ? OVER[answer.reason] : null;
      setInterruption(answer.is === 'unreachable' ? UNREACHABLE : over);
    });
    return watch.current.stop;
  }, [id, attempt]);

  const refresh = useCallback(() => void watch.current?.look(), []);
  const tryAgain = useCallback(() => setAttempt((count) => count + 1), []);
  return { loaded, interruption, refresh, tryAgain };
}
