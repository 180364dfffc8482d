'use client';
import { PublicFrame } from '#components/public-frame.tsx';
import { IDLE_MINUTES_UNTIL_HIDDEN, LINK_HOURS } from '#lib/key-delivery/reveal/limits.ts';
import { en } from '#lib/notifications/message-catalogue/en.ts';

const messages = en.keyPage;

type ScreenProps = { organisation: string };

/** Shows the same page for every link that does not work, so that it reveals nothing to an attacker. */
export function InvalidLink({ organisation }: ScreenProps) {
  return (
    <PublicFrame
      organisation={organisation}
      title={en.links.invalid}
      description={messages.invalidLinkReasons({ hours: LINK_HOURS })}
    >
      <p>{messages.invalidLinkAdvice({ organisation })}</p>
    </PublicFrame>
  );
}

/** Explains that the key was shown in another window. */
export function LinkUsed({ organisation }: ScreenProps) {
  return (
    <PublicFrame organisation={organisation} title={messages.shownElsewhere} description={messages.shownOnce}>
      <p>{messages.shownElsewhereAdvice({ organisation })}</p>
    </PublicFrame>
  );
}

/** Explains why the key is hidden, and what to do if it was not saved. */
export function KeyHidden({ organisation, isIdle }: ScreenProps & { isIdle: boolean }) {
  return (
    <PublicFrame
      organisation={organisation}
      title={messages.hidden}
      description={
        isIdle ? messages.hiddenWhenIdle({ minutes: IDLE_MINUTES_UNTIL_HIDDEN }) : messages.hiddenByIntegrator
      }
    >
      <p>{messages.hiddenAdvice({ organisation })}</p>
    </PublicFrame>
  );
}
