'use client';
import Link from 'next/link';
import { useEffect, useRef } from 'react';
import { buttonClass } from '#components/button-class.ts';
import { PublicFrame } from '#components/public-frame.tsx';

type ScreenProps = { organisation: string };

/** Focuses the element on mount: the focused button is gone, and screen readers continue from here. */
function useFocusOnMount() {
  const start = useRef<HTMLDivElement>(null);
  useEffect(() => start.current?.focus(), []);
  return start;
}

const ENDED = 'This link does not work';

/** Shows the same page for every link that does not work, so that it reveals nothing to an attacker. */
export function LinkEnded({ organisation }: ScreenProps) {
  const start = useFocusOnMount();
  return (
    <PublicFrame
      organisation={organisation}
      title={ENDED}
      description="It may have been used, replaced by a newer one, be too old, or not be complete."
    >
      {/* biome-ignore lint/a11y/useSemanticElements: it has no fields. Screen readers announce its name. */}
      <div ref={start} tabIndex={-1} role="group" aria-label={ENDED} className="grid gap-4 outline-none">
        <p>Copy the whole address from the newest email and try again. If it still does not work:</p>
        <ul className="grid list-disc gap-1.5 ps-5">
          <li>If you have set your password already, sign in.</li>
          <li>If you have forgotten your password, ask for a new link.</li>
          <li>
            If you were invited and have no password yet, ask whoever invited you for a new invitation: until
            you have one, no other link is sent to you.
          </li>
        </ul>
        <Link href="/sign-in" className={buttonClass('secondary')}>
          Sign in
        </Link>
        <Link href="/forgotten-password" className={buttonClass('secondary')}>
          Ask for a new link
        </Link>
      </div>
    </PublicFrame>
  );
}

/** Asks the user to sign in: setting the password does not, because a second factor may be required. */
export function PasswordSet({ organisation, isInvitation }: ScreenProps & { isInvitation: boolean }) {
  const start = useFocusOnMount();
  return (
    <PublicFrame organisation={organisation} title="Your password is set">
      <div ref={start} tabIndex={-1} className="grid gap-4 outline-none">
        <p>
          {isInvitation
            ? 'Sign in with it now.'
            : 'Sign in with it now. Wherever you were signed in before, you have been signed out.'}
        </p>
        <Link href="/sign-in" className={buttonClass('primary')}>
          Sign in
        </Link>
      </div>
    </PublicFrame>
  );
}
