'use client';
import { useEffect, useRef } from 'react';
import { Button } from '#components/button.tsx';
import { FailureNotice } from '#components/failure-notice.tsx';
import { TextField } from '#components/text-field.tsx';
import type { SecondFactor } from '#lib/identity/mfa/schema.ts';
import { MAX_TYPED_LENGTH } from '#lib/platform/user-input/characters.ts';
import { useSecondStep } from './use-second-step.ts';

type SecondStepProps = {
  factors: SecondFactor[];
  onSignedIn: () => void;
  /** Returns to the password form. `failure`: that this step has expired; null if the user chose to go back. */
  onBack: (failure: string | null) => void;
};

const FIELDS = {
  totp: {
    label: 'Code from your authenticator app',
    description: 'The 6-digit code in your app. It changes every 30 seconds.',
    inputMode: 'numeric',
    autoComplete: 'one-time-code',
    maxLength: MAX_TYPED_LENGTH,
  },
  recovery: {
    label: 'Recovery code',
    description: 'One of the ten codes you saved: 16 letters and numbers. Each works once.',
    autoComplete: 'off',
    autoCapitalize: 'characters',
    spellCheck: false,
    maxLength: MAX_TYPED_LENGTH,
  },
} as const;
const SWITCH_LABELS = { totp: 'Use your authenticator app', recovery: 'Use a recovery code' } as const;

type SecondStepState = ReturnType<typeof useSecondStep>;

/** Asks for a second factor: a TOTP code, a passkey or a recovery code. */
export function SecondStepForm({ factors, onSignedIn, onBack }: SecondStepProps) {
  const field = useRef<HTMLInputElement>(null);
  const start = useRef<HTMLParagraphElement>(null);
  const initialFactor = factors.includes('totp') ? 'totp' : null;
  const step = useSecondStep({ initialFactor, field, onSignedIn, onBack });
  // Null for a passkey, which has no field.
  const { typedFactor, failure } = step;

  // The focused password field was removed, so focus the field of this step or its first text.
  useEffect(() => {
    if (typedFactor) field.current?.focus();
    else start.current?.focus();
  }, [typedFactor]);

  return (
    <form method="post" onSubmit={step.handleSubmit} noValidate className="grid gap-4">
      <p ref={start} tabIndex={-1} role="status" className="outline-none">
        {typedFactor ? 'One more step: confirm it’s you.' : 'One more step: use your passkey.'}
      </p>
      {!typedFactor && <FailureNotice failure={failure} />}
      {typedFactor && (
        <>
          <TextField
            key={typedFactor}
            ref={field}
            name={typedFactor}
            {...FIELDS[typedFactor]}
            error={failure ?? undefined}
            required
          />
          <Button type="submit" variant="primary" pending={step.isPending} pendingLabel="Checking…">
            Sign in
          </Button>
        </>
      )}
      <FactorButtons factors={factors} step={step} />
      <Button variant="quiet" onClick={() => onBack(null)}>
        Start again
      </Button>
    </form>
  );
}

/** Renders a button for a passkey, and one for each typed factor that is not selected. */
function FactorButtons({
  factors,
  step: { typedFactor, chooseFactor, passkey },
}: {
  factors: SecondFactor[];
  step: SecondStepState;
}) {
  const otherFactors = (['totp', 'recovery'] as const).filter(
    (factor) => factors.includes(factor) && factor !== typedFactor,
  );
  return (
    <>
      {factors.includes('passkey') && (
        <Button
          variant={typedFactor ? 'secondary' : 'primary'}
          pending={passkey.isPending}
          onClick={passkey.signIn}
        >
          Use a passkey
        </Button>
      )}
      {otherFactors.map((factor) => (
        <Button key={factor} onClick={() => chooseFactor(factor)}>
          {SWITCH_LABELS[factor]}
        </Button>
      ))}
    </>
  );
}
