'use client';
import Link from 'next/link';
import { buttonClass } from '#components/button-class.ts';
import { FocusedGroup } from '#components/focused-group.tsx';
import { PublicFrame } from '#components/public-frame.tsx';

type ScreenProps = { organisation: string };

const INVALID_LINK_TITLE = 'This link doesn’t work';
const PASSWORD_SET_TITLE = 'Your password is set';

/** Shows the same page for every link that does not work, so that it does not tell whether the link ever existed. */
export function InvalidLink({ organisation }: ScreenProps) {
  return (
    <PublicFrame
      organisation={organisation}
      title={INVALID_LINK_TITLE}
      description="It may have expired, been used or been replaced by a newer link."
    >
      <FocusedGroup label={INVALID_LINK_TITLE}>
        <p>Open the link in the newest email. If that doesn’t work:</p>
        <ul className="grid list-disc gap-1.5 ps-5">
          <li>If you’ve already set your password, sign in.</li>
          <li>If you’ve forgotten your password, ask for a new link.</li>
          <li>
            If you were invited and haven’t set a password, ask a Settings Administrator for a new invitation.
          </li>
        </ul>
        <Link href="/sign-in" className={buttonClass('secondary')}>
          Sign in
        </Link>
        <Link href="/forgotten-password" className={buttonClass('secondary')}>
          Ask for a new link
        </Link>
      </FocusedGroup>
    </PublicFrame>
  );
}

/** Asks the user to sign in. Setting a password does not sign them in, because a second factor may be required. */
export function PasswordSet({ organisation, isInvitation }: ScreenProps & { isInvitation: boolean }) {
  return (
    <PublicFrame organisation={organisation} title={PASSWORD_SET_TITLE}>
      <FocusedGroup label={PASSWORD_SET_TITLE}>
        <p>
          {isInvitation ? 'Sign in with it now.' : 'Sign in with it now. You’ve been signed out everywhere.'}
        </p>
        <Link href="/sign-in" className={buttonClass('primary')}>
          Sign in
        </Link>
      </FocusedGroup>
    </PublicFrame>
  );
}
