'use client';
import { useEffect, useRef } from 'react';
import { Notice } from '#components/notice.tsx';
import { PublicFrame } from '#components/public-frame.tsx';

type ScreenProps = { organisation: string };

/** Shows the same page for every link that does not work, so that it reveals nothing to an attacker. */
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

/** Confirms the report. `wasReportedBefore`: it was made before this page was opened. */
export function ChangeReported({
  organisation,
  wasReportedBefore,
}: ScreenProps & { wasReportedBefore: boolean }) {
  const start = useRef<HTMLDivElement>(null);
  // The focused button is gone; screen readers continue from here.
  useEffect(() => {
    if (!wasReportedBefore) start.current?.focus();
  }, [wasReportedBefore]);
  return (
    <PublicFrame
      organisation={organisation}
      title={wasReportedBefore ? 'They have been told already' : 'Thank you'}
    >
      <div ref={start} tabIndex={-1} className="grid gap-4 outline-none">
        <Notice tone="success">
          <p>The administrators of {organisation} have been told that this change was not yours.</p>
        </Notice>
        <p>They look into it. There is nothing more to do here, and you can close this page.</p>
      </div>
    </PublicFrame>
  );
}
