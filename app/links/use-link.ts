'use client';
import { useEffect, useState } from 'react';
import { parseToken } from './parse-token.ts';
import { useFragment } from './use-token.ts';

const isNeverFinal = () => false;

/**
 * Opens the link whose token is in the address bar: a reveal's, a change notice's or an email link. Opens it again if the
 * token changes or `tryAgain` is called. Ignores outdated responses. The parameters must not change between renders.
 * @param loading the step while the link is opened
 * @param open asks the server about the link and returns the next step
 * @param isFinal returns whether a step stays, whatever happens to the link
 * @returns `fragment`: all that follows the `#`, from which `token` was read; `isIncomplete`: whether the address bar has
 *   only a part of a link, so that there is nothing to open
 */
export function useLink<Step>(
  loading: Step,
  open: (token: string) => Promise<Step>,
  isFinal: (step: Step) => boolean = isNeverFinal,
) {
  const fragment = useFragment();
  const token = fragment === null ? null : parseToken(fragment);
  const [step, setStep] = useState(loading);
  const [attempt, setAttempt] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `attempt` opens the link again; parameters never change.
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

  const isIncomplete = fragment !== null && token === null && !isFinal(step);
  return { fragment, token, isIncomplete, step, setStep, tryAgain: () => setAttempt((count) => count + 1) };
}
