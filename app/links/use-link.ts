'use client';
import { useEffect, useState } from 'react';
import { useToken } from './use-token.ts';

const never = () => false;

/**
 * Asks what stands behind the link in the address bar, anew where the link changes and for `tryAgain`; an answer that
 * was overtaken counts for nothing.
 * @param opening the step while it is asked
 * @param open asks, and says which step follows; like `isOver`, the same function each time
 * @param isOver a step that nothing which comes of the address changes any more
 */
export function useLink<Step>(
  opening: Step,
  open: (token: string) => Promise<Step>,
  isOver: (step: Step) => boolean = never,
) {
  const token = useToken();
  const [step, setStep] = useState(opening);
  const [attempt, setAttempt] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `attempt` is there to open the link once more.
  useEffect(() => {
    if (token === null) return;
    let overtaken = false;
    setStep((present) => (isOver(present) ? present : opening));
    void open(token).then((next) => {
      if (!overtaken) setStep((present) => (isOver(present) ? present : next));
    });
    return () => {
      overtaken = true;
    };
  }, [token, attempt]);

  return { token, step, setStep, tryAgain: () => setAttempt((count) => count + 1) };
}
