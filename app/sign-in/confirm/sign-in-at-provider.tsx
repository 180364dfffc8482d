'use client';
import { useState } from 'react';
import { FailureNotice } from '#components/failure-notice.tsx';
import { SsoButton } from '../sso-button.tsx';

type SignInAtProviderProps = {
  provider: string;
  /** Why the previous attempt failed; null if there was none. */
  previousFailure: string | null;
};

/**
 * Lets the user sign in at the provider, which then redirects to `/sign-in/confirmed`. Opens the provider immediately if
 * there was no previous attempt, otherwise when the user selects the button.
 */
export function SignInAtProvider({ provider, previousFailure }: SignInAtProviderProps) {
  const [failure, setFailure] = useState(previousFailure);
  return (
    <div className="grid gap-4">
      <FailureNotice failure={failure} />
      <SsoButton
        provider={provider}
        then="/sign-in/confirmed"
        setFailure={setFailure}
        isAutomatic={previousFailure === null}
      />
    </div>
  );
}
