'use client';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { AccountTimeline } from '#lib/key-delivery/timeline/schema.ts';
import { describeSignedOut, MISSING_ACCOUNT } from '../failure-messages.ts';
import { type PollResult, pollTimeline } from './poll-timeline.ts';

/** Why the timeline is not up to date. Includes the fields of `Failure`, for `ActionFailure`. */
type Interruption = { message: string; needsSignIn: boolean; hasStopped: boolean };

const STOPPED_INTERRUPTIONS: Record<Extract<PollResult, { status: 'stopped' }>['reason'], Interruption> = {
  signed_out: {
    message: describeSignedOut('updates'),
    needsSignIn: true,
    hasStopped: true,
  },
  refused: {
    message: 'You may no longer have access. Reload the page.',
    needsSignIn: false,
    hasStopped: true,
  },
  not_found: { message: MISSING_ACCOUNT, needsSignIn: false, hasStopped: true },
};

const UNREACHABLE_INTERRUPTION: Interruption = {
  message: 'Connection lost. Retrying…',
  needsSignIn: false,
  hasStopped: false,
};

export type PolledTimeline = {
  /** Null until the first load. */
  loaded: { timeline: AccountTimeline; receivedAt: number } | null;
  interruption: Interruption | null;
  /** Polls immediately. */
  refresh: () => void;
  /** Starts polling again after it has stopped. */
  tryAgain: () => void;
};

/** Keeps an account's timeline up to date while it is shown. A failed poll does not discard what was loaded. */
export function useTimeline(id: string): PolledTimeline {
  const [loaded, setLoaded] = useState<PolledTimeline['loaded']>(null);
  const [interruption, setInterruption] = useState<Interruption | null>(null);
  const [attempt, setAttempt] = useState(0);
  const polling = useRef<ReturnType<typeof pollTimeline> | null>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `attempt` starts polling again.
  useEffect(() => {
    polling.current = pollTimeline(id, (result) => {
      if (result.status === 'loaded') setLoaded(result);
      const stopped = result.status === 'stopped' ? STOPPED_INTERRUPTIONS[result.reason] : null;
      setInterruption(result.status === 'unreachable' ? UNREACHABLE_INTERRUPTION : stopped);
    });
    return polling.current.stop;
  }, [id, attempt]);

  const refresh = useCallback(() => void polling.current?.poll(), []);
  const tryAgain = useCallback(() => setAttempt((count) => count + 1), []);
  return { loaded, interruption, refresh, tryAgain };
}
