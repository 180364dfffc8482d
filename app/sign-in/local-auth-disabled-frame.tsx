import Link from 'next/link';
import { buttonClass } from '#components/button-class.ts';
import { PublicFrame } from '#components/public-frame.tsx';
import { settings } from '#lib/platform/config/settings.ts';

/** Replaces the pages about passwords if single sign-on is the only sign-in method. */
export function LocalAuthDisabledFrame() {
  const { organisationName, singleSignOn } = settings();
  return (
    <PublicFrame organisation={organisationName} title="You don’t need a password">
      <div className="grid gap-4">
        <p>
          Passwords aren’t used here. Sign in with {singleSignOn?.name}. If you’ve forgotten that password,
          reset it there.
        </p>
        <Link href="/sign-in" className={buttonClass('primary')}>
          Go to sign in
        </Link>
      </div>
    </PublicFrame>
  );
}
