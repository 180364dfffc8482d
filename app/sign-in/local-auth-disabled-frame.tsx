import Link from 'next/link';
import { buttonClass } from '#components/button-class.ts';
import { PublicFrame } from '#components/public-frame.tsx';
import { settings } from '#lib/platform/config/settings.ts';

/** Replaces the pages about passwords if single sign-on is the only sign-in method. */
export function LocalAuthDisabledFrame() {
  const { organisationName, singleSignOn } = settings();
  return (
    <PublicFrame organisation={organisationName} title="No password is needed">
      <div className="grid gap-4">
        <p>
          Passwords are switched off here. Sign in with the account that you have at {singleSignOn?.name}; if
          you have forgotten its password, a new one comes from there.
        </p>
        <Link href="/sign-in" className={buttonClass('primary')}>
          Go to sign in
        </Link>
      </div>
    </PublicFrame>
  );
}
