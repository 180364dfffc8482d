'use client';
import { useState } from 'react';
import type { SecondFactor } from '#lib/factors/schema.ts';
import { SecondStepForm } from './second-step-form.tsx';
import { SignInForm } from './sign-in-form.tsx';

/** Signing in: a password or a passkey, and after a password whatever else the person has. */
export function SignInSteps({ then }: { then: string }) {
  const [factors, setFactors] = useState<SecondFactor[] | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
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
    <SignInForm
      failure={failure}
      setFailure={setFailure}
      leaving={leaving}
      onIn={leave}
      onSecondFactor={setFactors}
    />
  );
}
