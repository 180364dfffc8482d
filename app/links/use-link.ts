'use client';
import { useEffect, useState } from 'react';
import { useToken } from './use-token.ts';

const never = () => false;

/**
 * Opens the link in the address bar, and again if its token changes or on `tryAgain`. Ignores outdated responses.
 * @param loading the step while the link is opened
 * @param open opens the link and returns the next step; must be a stable function, like `isFinal`
 * @param isFinal whether the step no longer depends on the link
 */
export function useLink<Step>(
  loading: Step,
  open: (token: string) => Promise<Step>,
  isFinal: (step: Step) => boolean = never,
) {
  const token = useToken();
  const [step, setStep] = useState(loading);
  const [attempt, setAttempt] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `attempt` opens the link again.
  useEffect(() => {
    if (token === null) return;
    let isOutdated = false;
    setStep((current) => (isFinal(current) ? current : loading));
    void open(token).then((next) => {
      if (!isOutdated) setStep((current) => (isFinal(current) ? current : next));
    });
    return () => {
      isOutdated = true;
    };
  }, [token, attempt]);

  return { token, step, setStep, tryAgain: () => setAttempt((count) => count + 1) };
}
