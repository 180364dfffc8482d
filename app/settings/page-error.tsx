'use client';
import { useRouter } from 'next/navigation';
import { type ReactNode, startTransition } from 'react';
import { Button } from '#components/button.tsx';
import { Notice } from '#components/notice.tsx';

type PageErrorProps = {
  heading: ReactNode;
  /** What cannot be shown, as the subject of a sentence: "The list". */
  subject: string;
  reset: () => void;
};

/** Replaces a page that failed to load, usually because the database is unavailable. */
export function PageError({ heading, subject, reset }: PageErrorProps) {
  const router = useRouter();

  function tryAgain() {
    startTransition(() => {
      router.refresh();
      reset();
    });
  }

  return (
    <>
      {heading}
      <Notice tone="danger" title={`${subject} cannot be shown at the moment`} announce className="max-w-2xl">
        <p>
          Nothing was changed by this. Try again in a moment; if it happens again, tell whoever looks after
          Stagedoor.
        </p>
        <Button size="sm" className="mt-1.5 justify-self-start" onClick={tryAgain}>
          Try again
        </Button>
      </Notice>
    </>
  );
}
