'use client';
import { useRouter } from 'next/navigation';
import { type ReactNode, startTransition } from 'react';
import { Button } from '#components/button.tsx';
import { Notice } from '#components/notice.tsx';

type PageErrorProps = {
  heading: ReactNode;
  /** What cannot be shown, as a subject: "The list". */
  what: string;
  reset: () => void;
};

/** A page that could not be read: the database is away, as a rule. The frame and the page's heading stay. */
export function PageError({ heading, what, reset }: PageErrorProps) {
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
      <Notice tone="danger" title={`${what} cannot be shown at the moment`} announce className="max-w-2xl">
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
