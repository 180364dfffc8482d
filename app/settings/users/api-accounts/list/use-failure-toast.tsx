'use client';
import { useEffect, useEffectEvent } from 'react';
import { useToast } from '#components/toast.tsx';
import type { Failure } from '../../../use-server-action.ts';

/**
 * Shows the failure of a button in a row as a toast: a notice in the row would make it higher.
 * @param about the id of the account
 */
export function useFailureToast(failure: Failure | null, title: string, about: string): void {
  const toast = useToast();
  const showFailure = useEffectEvent(({ message, needsSignIn }: Failure) => {
    const description = (
      <>
        <span>{`${message} `}</span>
        {needsSignIn && (
          <a
            href="/sign-in"
            target="_blank"
            rel="noreferrer"
            className="font-medium underline underline-offset-2"
          >
            Sign in (opens a new tab)
          </a>
        )}
      </>
    );
    toast({ tone: 'danger', title, description, about });
  });
  useEffect(() => {
    if (failure) showFailure(failure);
  }, [failure]);
}
