'use client';
import { useRouter } from 'next/navigation';
import { type ReactNode, startTransition, useState } from 'react';
import { Button } from '#components/button.tsx';
import { Notice } from '#components/notice.tsx';
import { UpdateNotice } from '#components/update-notice.tsx';
import { describeLatestAction } from '../latest-action.ts';
import { isOutdated } from '../request-errors.ts';

type PageErrorProps = {
  heading: ReactNode;
  /** What cannot be loaded, as the object of a sentence: "your API accounts". */
  subject: string;
  error: Error;
  reset: () => void;
};

/**
 * Replaces a page that failed: to load, usually because the database is unavailable, or to show the result of an action.
 * Says what the action changed, if there was one.
 */
export function PageError({ heading, subject, error, reset }: PageErrorProps) {
  const router = useRouter();
  const [actionResult] = useState(() => describeLatestAction());

  function tryAgain() {
    startTransition(() => {
      router.refresh();
      reset();
    });
  }

  if (isOutdated(error)) {
    return (
      <>
        {heading}
        <UpdateNotice changed={actionResult} />
      </>
    );
  }
  return (
    <>
      {heading}
      <Notice tone="danger" title={`We can’t load ${subject} right now`} announce className="max-w-2xl">
        {actionResult && <p>{actionResult}</p>}
        <p>Try again. If this keeps happening, contact the person who runs Stagedoor in your organisation.</p>
        <Button size="sm" className="mt-1.5 justify-self-start" onClick={tryAgain}>
          Try again
        </Button>
      </Notice>
    </>
  );
}
