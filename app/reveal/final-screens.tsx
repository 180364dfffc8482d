'use client';
import { type ReactNode, useState } from 'react';
import { Button } from '#components/button.tsx';
import { FailureNotice } from '#components/failure-notice.tsx';
import { FocusedGroup } from '#components/focused-group.tsx';
import { LocalTime } from '#components/local-time.tsx';
import { PublicFrame } from '#components/public-frame.tsx';
import { IDLE_MINUTES_UNTIL_HIDDEN, LINK_HOURS } from '#lib/key-delivery/reveal/limits.ts';
import { links } from '#lib/notifications/message-catalogue/en-links.ts';
import { codePage, keyPage as messages } from '#lib/notifications/message-catalogue/en-pages.ts';

type ScreenProps = { organisation: string };

/** Shows the same page for every link that does not work, so that it reveals nothing to an attacker. */
export function InvalidLink({ organisation }: ScreenProps) {
  return (
    <PublicFrame
      organisation={organisation}
      title={links.invalid}
      description={messages.invalidLinkReasons({ hours: LINK_HOURS })}
    >
      <FocusedGroup label={links.invalid}>
        <p>{messages.invalidLinkAdvice({ organisation })}</p>
      </FocusedGroup>
    </PublicFrame>
  );
}

/** Shows when the link was used, and what to do if the reader did not use it. @param usedAt ISO 8601 */
export function LinkUsed({ organisation, usedAt }: ScreenProps & { usedAt: string }) {
  return (
    <PublicFrame
      organisation={organisation}
      title={messages.used}
      description={
        <p>
          <span>{messages.usedAt}</span>{' '}
          <span className="font-medium text-ink tabular-nums">
            <LocalTime at={new Date(usedAt)} />
          </span>
        </p>
      }
    >
      <FocusedGroup label={messages.used}>
        <p>{messages.usedByYou({ organisation })}</p>
        <p>{messages.usedByOthers({ organisation })}</p>
      </FocusedGroup>
    </PublicFrame>
  );
}

/** Offers to fetch the key again after a reload, because its response may have been lost. */
export function KeyMaybeLost({
  organisation,
  onShowAgain,
}: ScreenProps & {
  /** @returns a message if that failed; null if another screen shows the result */
  onShowAgain: () => Promise<string | null>;
}) {
  const [isPending, setIsPending] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);

  async function showAgain() {
    setIsPending(true);
    setFailure(null);
    setFailure(await onShowAgain());
    setIsPending(false);
  }

  return (
    <PublicFrame
      organisation={organisation}
      title={messages.maybeNotShown}
      description={messages.maybeNotShownAdvice}
    >
      <FocusedGroup label={messages.maybeNotShown}>
        <FailureNotice failure={failure} />
        <Button
          variant="primary"
          pending={isPending}
          pendingLabel={codePage.checking}
          onClick={showAgain}
          className="w-full"
        >
          {messages.showAgain}
        </Button>
      </FocusedGroup>
    </PublicFrame>
  );
}

/**
 * Explains why the key is hidden, and what to do if it was not saved.
 * @param children what this page still shows after the key
 */
export function KeyHidden({
  organisation,
  isIdle,
  children,
}: ScreenProps & { isIdle: boolean; children?: ReactNode }) {
  return (
    <PublicFrame
      organisation={organisation}
      title={messages.hidden}
      description={
        isIdle ? messages.hiddenWhenIdle({ minutes: IDLE_MINUTES_UNTIL_HIDDEN }) : messages.hiddenByIntegrator
      }
    >
      <FocusedGroup label={messages.hidden}>
        <p>{messages.hiddenAdvice({ organisation })}</p>
        {children}
      </FocusedGroup>
    </PublicFrame>
  );
}
