'use client';
import { useState } from 'react';
import { FailureNotice } from '#components/failure-notice.tsx';
import type { SecondFactor } from '#lib/identity/mfa/schema.ts';
import { SecondStepForm } from './second-step-form.tsx';
import { SignInForm } from './sign-in-form.tsx';
import { SignOnButton } from './sign-on-button.tsx';

type SignInStepsProps = {
  then: string;
  /** The name of the OpenID provider, where there is one. */
  provider: string | null;
  /** Whether there is any other way in. */
  passwords: boolean;
  /** Why coming back from the provider led nowhere. */
  failed: string | null;
};

/** Signing in: at the provider; or with a password or a passkey, and after a password whatever else the person has. */
export function SignInSteps({ then, provider, passwords, failed }: SignInStepsProps) {
  const [factors, setFactors] = useState<SecondFactor[] | null>(null);
  const [failure, setFailure] = useState(failed);
  const [leaving, setLeaving] = useState(false);

  function leave() {
    setLeaving(true);
    // A whole load: nothing that was rendered for nobody stays in the browser's memory.
    window.location.assign(then);
  }

  function startAgain(because: string | null) {
    setFailure(because);
    setFactors(null);
  }

  if (factors) return <SecondStepForm factors={factors} onIn={leave} onBack={startAgain} />;
  return (
    <div className="grid gap-4">
      <FailureNotice failure={failure} />
      {provider && <SignOnButton provider={provider} then={then} setFailure={setFailure} />}
      {provider && passwords && <OrElse />}
      {passwords && (
        <SignInForm
          second={provider !== null}
          setFailure={setFailure}
          leaving={leaving}
          onIn={leave}
          onSecondFactor={setFactors}
        />
      )}
    </div>
  );
}

function OrElse() {
  return (
    <p className="flex items-center gap-3 text-muted text-sm before:h-px before:grow before:bg-line after:h-px after:grow after:bg-line">
      or
    </p>
  );
}
