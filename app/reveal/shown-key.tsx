'use client';
import { useEffect, useRef, useState } from 'react';
import { Button } from '#components/button.tsx';
import { Notice } from '#components/notice.tsx';
import { PublicFrame } from '#components/public-frame.tsx';
import { formatMinutesAndSeconds } from '#components/use-clock.ts';
import { useLeaveWarning } from '#components/use-leave-warning.ts';
import type { KeyGuide } from '#lib/key-delivery/key-page/schema.ts';
import { IDLE_MINUTES_UNTIL_HIDDEN } from '#lib/key-delivery/reveal/limits.ts';
import { keyPage as messages } from '#lib/notifications/message-catalogue/en-pages.ts';
import { Contact, FirstRequest } from './done-step.tsx';
import { SaveStep } from './save-step.tsx';
import { Step } from './step.tsx';
import { TryStep } from './try-step.tsx';
import type { FirstRequestState } from './use-first-request.ts';
import { type HideReason, useKeyHiding } from './use-key-hiding.ts';

export type Credentials = { username: string; key: string };

type ShownKeyProps = {
  organisation: string;
  credentials: Credentials;
  guide: KeyGuide | null;
  firstRequest: FirstRequestState;
  onTested: (testedAt: string) => void;
  onHide: (reason: HideReason) => void;
};

/** Warns that the key is about to be hidden. Any input keeps it, so the button needs no action of its own. */
function HidingWarning({ secondsLeft }: { secondsLeft: number }) {
  return (
    <div className="fixed inset-x-0 bottom-0 z-40 mx-auto w-full max-w-md p-4">
      <Notice tone="warning" title={messages.hidingSoon} announce className="shadow-popup">
        <p>{messages.keepShowingAdvice}</p>
        <div className="flex items-center justify-between gap-3">
          <Button size="sm">{messages.keepShowing}</Button>
          {/* Hidden, so that screen readers do not announce every second. */}
          <span aria-hidden="true" className="tabular-nums">
            {formatMinutesAndSeconds(secondsLeft)}
          </span>
        </div>
      </Notice>
    </div>
  );
}

/**
 * Shows the username and the key until the integrator leaves the page, is inactive or hides them, and what to do next:
 * save them, try them, and wait for the first request.
 */
export function ShownKey(props: ShownKeyProps) {
  const { organisation, credentials, guide, onHide } = props;
  const secondsLeft = useKeyHiding(onHide);
  const [isSaved, setIsSaved] = useState(false);
  useLeaveWarning(!isSaved, messages.leaveQuestion);
  const start = useRef<HTMLDivElement>(null);

  // The focused element was removed, so screen readers continue from here. The page shows its title: browsers would
  // scroll it away to show more of the focused element, which is higher than the window.
  useEffect(() => {
    start.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, []);

  return (
    <PublicFrame organisation={organisation} title={messages.title} isWide>
      <div ref={start} tabIndex={-1} className="grid grid-cols-[minmax(0,1fr)] gap-8 outline-none">
        <SaveStep
          organisation={organisation}
          credentials={credentials}
          baseUrl={guide?.baseUrl ?? null}
          onSaved={() => setIsSaved(true)}
        />
        {guide && (
          <TryStep
            organisation={organisation}
            credentials={credentials}
            guide={guide}
            onTested={props.onTested}
          />
        )}
        <Step number={guide ? 3 : 2} title={messages.done}>
          {guide && (
            <FirstRequest
              organisation={organisation}
              state={props.firstRequest}
              advice={messages.waitingAdvice}
            />
          )}
          <Contact organisation={organisation} contact={guide?.contact ?? null} />
          <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
            <Button onClick={() => onHide('saved')}>{messages.hide}</Button>
            <p className="min-w-48 flex-1 text-muted text-sm">
              {messages.hidesAfter({ minutes: IDLE_MINUTES_UNTIL_HIDDEN })}
            </p>
          </div>
        </Step>
        {secondsLeft !== null && <HidingWarning secondsLeft={secondsLeft} />}
      </div>
    </PublicFrame>
  );
}
