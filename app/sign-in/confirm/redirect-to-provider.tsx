'use client';
import { useState } from 'react';
import { FailureNotice } from '#components/failure-notice.tsx';
import { SsoButton } from '../sso-button.tsx';

type RedirectToProviderProps = {
  provider: string;
  /** Why the previous attempt failed; null if there was none, to redirect immediately, without a click. */
  previousFailure: string | null;
};

/** Redirects to the provider, and from there to `/sign-in/confirmed`. */
export function RedirectToProvider({ provider, previousFailure }: RedirectToProviderProps) {
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
