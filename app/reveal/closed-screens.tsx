'use client';
import { PublicFrame } from '#components/public-frame.tsx';

type ScreenProps = { organisation: string };

/** Shows the same page for every link that does not work, so that it reveals nothing to an attacker. */
export function LinkEnded({ organisation }: ScreenProps) {
  return (
    <PublicFrame
      organisation={organisation}
      title="This link does not work"
      description="It may have been used already, been replaced by a newer one, or be older than 24 hours."
    >
      <p>
        Look for a newer email from {organisation}. If there is none, ask the administrator there to reset the
        API key: you then get a new link by email and a new code by text.
      </p>
    </PublicFrame>
  );
}

/** Explains that the key was shown in another window. */
export function LinkUsed({ organisation }: ScreenProps) {
  return (
    <PublicFrame
      organisation={organisation}
      title="This link was used just now"
      description="The API key has been shown in another window. It is shown only once."
    >
      <p>
        Was that you? Then go to that window. If it was not, tell {organisation} at once and ask the
        administrator there to reset the API key: whoever saw it can use it until then.
      </p>
    </PublicFrame>
  );
}

/** Explains why the key is hidden, and what to do if it was not saved. */
export function KeyHidden({ organisation, isIdle }: ScreenProps & { isIdle: boolean }) {
  return (
    <PublicFrame
      organisation={organisation}
      title="The API key is hidden"
      description={
        isIdle
          ? 'Nothing happened on this page for five minutes, so the key was hidden. It is not shown again.'
          : 'The key has been taken off this page, for good: it is not shown again.'
      }
    >
      <p>
        You saved it? Then all is well, and you can close this page. If not, ask the administrator at{' '}
        {organisation} to reset the API key: you then get a new link and a new code.
      </p>
    </PublicFrame>
  );
}
