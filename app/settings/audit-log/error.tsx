'use client';
import { useRouter } from 'next/navigation';
import { startTransition } from 'react';
import { Button } from '#components/button.tsx';
import { Notice } from '#components/notice.tsx';
import { LogHeading } from './log-heading.tsx';

/** The log could not be read: the database is away, as a rule. The frame stays. */
export default function LogError({ reset }: { error: Error; reset: () => void }) {
  const router = useRouter();

  function tryAgain() {
    startTransition(() => {
      router.refresh();
      reset();
    });
  }

  return (
    <>
      <LogHeading />
      <Notice
        tone="danger"
        title="The audit log cannot be shown at the moment"
        announce
        className="max-w-2xl"
      >
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
