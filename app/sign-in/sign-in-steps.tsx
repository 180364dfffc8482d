'use client';
import { useState } from 'react';
import { FailureNotice } from '#components/failure-notice.tsx';
import type { SecondFactor } from '#lib/identity/mfa/schema.ts';
import { SecondStepForm } from './second-step-form.tsx';
import { SignInForm } from './sign-in-form.tsx';
import { SsoButton } from './sso-button.tsx';

type SignInStepsProps = {
  /** The path to open after signing in. */
  then: string;
  /** The name of the OpenID provider, if there is one. */
  provider: string | null;
  hasLocalAuth: boolean;
  /** Why the last sign-in at the provider failed. */
  ssoFailure: string | null;
};

/** Signs a user in: at the provider, with a passkey, or with a password and, if the user has one, a second factor. */
export function SignInSteps({ then, provider, hasLocalAuth, ssoFailure }: SignInStepsProps) {
  const [factors, setFactors] = useState<SecondFactor[] | null>(null);
  const [failure, setFailure] = useState(ssoFailure);
  const [isLeaving, setIsLeaving] = useState(false);

  function openNextPage() {
    setIsLeaving(true);
    // Loads the page in full, so that nothing that was rendered for a signed-out user stays in memory.
    window.location.assign(then);
  }

  function startAgain(reason: string | null) {
    setFailure(reason);
    setFactors(null);
  }

  if (factors) return <SecondStepForm factors={factors} onSignedIn={openNextPage} onBack={startAgain} />;
  return (
    <div className="grid gap-4">
      <FailureNotice failure={failure} />
      {provider && <SsoButton provider={provider} then={then} setFailure={setFailure} />}
      {provider && hasLocalAuth && <Divider />}
      {hasLocalAuth && (
        <SignInForm
          isSecondary={provider !== null}
          setFailure={setFailure}
          isLeaving={isLeaving}
          onSignedIn={openNextPage}
          onSecondFactor={setFactors}
        />
      )}
    </div>
  );
}

function Divider() {
  return (
    <p className="flex items-center gap-3 text-muted text-sm before:h-px before:grow before:bg-line after:h-px after:grow after:bg-line">
      or
    </p>
  );
}
