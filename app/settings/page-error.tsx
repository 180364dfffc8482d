'use client';
import { useRouter } from 'next/navigation';
import { type ReactNode, startTransition } from 'react';
import { Button } from '#components/button.tsx';
import { Notice } from '#components/notice.tsx';

type PageErrorProps = {
  heading: ReactNode;
  /** What cannot be loaded, as the object of a sentence: "your API accounts". */
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
      <Notice tone="danger" title={`We can’t load ${subject} right now`} announce className="max-w-2xl">
        <p>
          Nothing was changed. Try again. If this keeps happening, contact the person who runs Stagedoor in
          your organisation.
        </p>
        <Button size="sm" className="mt-1.5 justify-self-start" onClick={tryAgain}>
          Try again
        </Button>
      </Notice>
    </>
  );
}
