'use client';
import { useEffect, useRef } from 'react';
import { FocusedGroup } from '#components/focused-group.tsx';
import { Notice } from '#components/notice.tsx';
import { PublicFrame } from '#components/public-frame.tsx';
import { REPORT_DAYS } from '#lib/api-accounts/contact-changes/limits.ts';
import { changeReportPage as messages } from '#lib/notifications/message-catalogue/en-change-report.ts';
import { links } from '#lib/notifications/message-catalogue/en-links.ts';

type ScreenProps = { organisation: string };

/** Shows the same page for every link that does not work, so that it does not reveal why. */
export function InvalidLink({ organisation }: ScreenProps) {
  return (
    <PublicFrame
      organisation={organisation}
      title={links.invalid}
      description={messages.invalidLinkReasons({ days: REPORT_DAYS })}
    >
      <FocusedGroup label={links.invalid}>
        <p>{messages.invalidLinkAdvice({ organisation })}</p>
      </FocusedGroup>
    </PublicFrame>
  );
}

/** Confirms the report. `wasReportedBefore`: the change had been reported before this page was opened. */
export function ChangeReported({
  organisation,
  wasReportedBefore,
}: ScreenProps & { wasReportedBefore: boolean }) {
  const start = useRef<HTMLDivElement>(null);
  // The focused button was removed, so screen readers continue from here.
  useEffect(() => {
    if (!wasReportedBefore) start.current?.focus();
  }, [wasReportedBefore]);
  return (
    <PublicFrame
      organisation={organisation}
      title={wasReportedBefore ? messages.reportedBefore : messages.reported}
    >
      <div ref={start} tabIndex={-1} className="grid gap-4 outline-none">
        <Notice tone="success">
          <p>{messages.administratorsNotified({ organisation })}</p>
        </Notice>
        <p>{messages.afterReport}</p>
      </div>
    </PublicFrame>
  );
}
