'use client';
import { useEffect, useRef } from 'react';
import { Button } from '#components/button.tsx';
import { Notice } from '#components/notice.tsx';
import { PublicFrame } from '#components/page-frame.tsx';

type ScreenProps = { organisation: string };

const QUESTION = 'Was this you?';

/** While the link is looked up: as high as what follows, so that nothing jumps. */
export function Opening({ organisation }: ScreenProps) {
  return (
    <PublicFrame organisation={organisation} title={QUESTION} description="Opening your link…">
      <div aria-hidden="true" className="grid gap-4 motion-safe:animate-pulse">
        <div className="h-24 rounded-md bg-sunken" />
        <div className="h-10 rounded-md bg-sunken" />
      </div>
      <noscript>
        <p className="mt-4">
          This page needs JavaScript. Switch it on for this page, then open the link again.
        </p>
      </noscript>
    </PublicFrame>
  );
}

/** One calm page, whatever became of the link: it tells a stranger nothing. */
export function LinkEnded({ organisation }: ScreenProps) {
  return (
    <PublicFrame
      organisation={organisation}
      title="This link does not work"
      description="It may be older than 7 days, or not be complete."
    >
      <p>
        Copy the whole address from the email and try again. If it still does not work, and a change of your
        API account was not yours, tell the administrator at {organisation}.
      </p>
    </PublicFrame>
  );
}

export function NotReached({
  organisation,
  message,
  onTryAgain,
}: ScreenProps & { message: string; onTryAgain: () => void }) {
  return (
    <PublicFrame organisation={organisation} title={QUESTION}>
      <Notice tone="warning" announce>
        <p>{message}</p>
      </Notice>
      <Button variant="primary" onClick={onTryAgain} className="mt-4 w-full">
        Try again
      </Button>
    </PublicFrame>
  );
}

/** After the button, or when somebody has pressed it before. */
export function AdministratorsTold({ organisation, earlier }: ScreenProps & { earlier: boolean }) {
  const start = useRef<HTMLDivElement>(null);
  // The button that had the keyboard is gone; a screen reader goes on from here.
  useEffect(() => {
    if (!earlier) start.current?.focus();
  }, [earlier]);
  return (
    <PublicFrame organisation={organisation} title={earlier ? 'They have been told already' : 'Thank you'}>
      <div ref={start} tabIndex={-1} className="grid gap-4 outline-none">
        <Notice tone="success">
          <p>The administrators of {organisation} have been told that this change was not yours.</p>
        </Notice>
        <p>They look into it. There is nothing more to do here, and you can close this page.</p>
      </div>
    </PublicFrame>
  );
}
