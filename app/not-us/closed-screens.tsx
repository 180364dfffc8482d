'use client';
import { useEffect, useRef } from 'react';
import { Notice } from '#components/notice.tsx';
import { PublicFrame } from '#components/public-frame.tsx';

type ScreenProps = { organisation: string };

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

/** After the button, or when somebody has pressed it before. */
export function ChangeReported({ organisation, earlier }: ScreenProps & { earlier: boolean }) {
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
