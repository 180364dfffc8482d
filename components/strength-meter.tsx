'use client';
import { useEffect, useState } from 'react';
import { Meter, type MeterTone } from './meter.tsx';

/** Delays the estimate, so that screen readers do not announce every keystroke. */
const DEBOUNCE_MS = 250;

const RATINGS: readonly { label: string; tone: MeterTone }[] = [
  { label: 'Very weak', tone: 'danger' },
  { label: 'Weak', tone: 'danger' },
  { label: 'Fair', tone: 'warning' },
  { label: 'Strong', tone: 'info' },
  { label: 'Very strong', tone: 'info' },
];

/**
 * Estimates the strength, an index of `RATINGS`, when typing pauses. Returns null before the first estimate, for an empty
 * password and if the estimator cannot be loaded.
 */
function useStrength(password: string, userInputs: string[]): number | null {
  const [strength, setStrength] = useState<number | null>(null);
  // A string, because callers may pass a new array at each render, which would run the effect again.
  const joinedInputs = userInputs.join('\n');
  useEffect(() => {
    let isCancelled = false;
    const timer = setTimeout(async () => {
      if (password === '') return setStrength(null);
      // Its list of common passwords has half a megabyte, so it is loaded only when a user types a password.
      const estimator = await import('./estimate-strength.ts').catch(() => null);
      if (isCancelled) return;
      setStrength(estimator?.estimateStrength(password, joinedInputs.split('\n').filter(Boolean)) ?? null);
    }, DEBOUNCE_MS);
    return () => {
      isCancelled = true;
      clearTimeout(timer);
    };
  }, [password, joinedInputs]);
  return strength;
}

export type StrengthMeterProps = {
  password: string;
  /** What an attacker would try first, such as the user's email address. */
  userInputs: string[];
  minLength: number;
};

const TOO_SHORT = { label: 'Too short', tone: 'danger' } as const;

/** Shows how hard a password is to guess, as a label and a bar. The estimate runs in the browser. */
export function StrengthMeter({ password, userInputs, minLength }: StrengthMeterProps) {
  const estimate = useStrength(password, userInputs);
  const isTooShort = [...password].length < minLength;
  const strength = estimate === null || !isTooShort ? estimate : 0;
  const rating = strength === null ? undefined : isTooShort ? TOO_SHORT : RATINGS[strength];
  return (
    <div className="grid gap-1.5">
      {rating && strength !== null && (
        <Meter
          label="Password strength"
          value={strength + 1}
          max={RATINGS.length}
          tone={rating.tone}
          valueText={rating.label}
        />
      )}
      <p role="status" className="text-sm">
        {rating?.label}
      </p>
    </div>
  );
}
