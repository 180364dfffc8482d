'use client';
import { useState } from 'react';
import { FailureNotice } from '#components/failure-notice.tsx';
import { SignOnButton } from '../sign-on-button.tsx';

/**
 * Leads to the provider, and from there to `/sign-in/confirmed`.
 * @param failed why the way there led nowhere; null: it was not gone yet, and begins by itself
 */
export function RedirectToProvider({ provider, failed }: { provider: string; failed: string | null }) {
  const [failure, setFailure] = useState(failed);
  return (
    <div className="grid gap-4">
      <FailureNotice failure={failure} />
      <SignOnButton
        provider={provider}
        then="/sign-in/confirmed"
        setFailure={setFailure}
        atOnce={failed === null}
      />
    </div>
  );
}
