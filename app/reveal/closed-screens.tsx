'use client';
import { PublicFrame } from '#components/public-frame.tsx';

type ScreenProps = { organisation: string };

/** One calm page, whatever became of the link: it tells a stranger nothing. */
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

/** The other window was first. */
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

/** After the key: why it is gone, and what to do if it was not saved. */
export function KeyHidden({ organisation, idle }: ScreenProps & { idle: boolean }) {
  return (
    <PublicFrame
      organisation={organisation}
      title="The API key is hidden"
      description={
        idle
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
