'use client';
import { useEffect, useState } from 'react';
import { Meter, type MeterTone } from './meter.tsx';

/** So that a screen reader is not told of each letter. */
const PAUSE_MS = 250;

const WORDS: readonly { words: string; tone: MeterTone }[] = [
  { words: 'Very easy to guess', tone: 'danger' },
  { words: 'Easy to guess', tone: 'danger' },
  { words: 'Not hard to guess', tone: 'warning' },
  { words: 'Hard to guess', tone: 'info' },
  { words: 'Very hard to guess', tone: 'info' },
];

/** The estimate of what was typed, once the typing pauses; null before, and where the estimator could not be loaded. */
function useStrength(password: string, about: string[]): number | null {
  const [strength, setStrength] = useState<number | null>(null);
  const aboutAll = about.join('\n');
  useEffect(() => {
    let overtaken = false;
    const timer = setTimeout(async () => {
      if (password === '') return setStrength(null);
      // Half a megabyte of common passwords: fetched only once somebody chooses one.
      const estimator = await import('./estimate-strength.ts').catch(() => null);
      if (overtaken) return;
      setStrength(estimator?.estimateStrength(password, aboutAll.split('\n').filter(Boolean)) ?? null);
    }, PAUSE_MS);
    return () => {
      overtaken = true;
      clearTimeout(timer);
    };
  }, [password, aboutAll]);
  return strength;
}

export type StrengthMeterProps = {
  password: string;
  /** What anybody would try first, such as the person's email address. */
  about: string[];
  /** How many characters it has at least: a shorter one is never called good. */
  least: number;
};

const TOO_SHORT = { words: 'Too short', tone: 'danger' } as const;

/** How hard a password is to guess: advice, in words and as a bar. Nothing is sent anywhere. */
export function StrengthMeter({ password, about, least }: StrengthMeterProps) {
  const estimate = useStrength(password, about);
  const isShort = [...password].length < least;
  const strength = estimate === null || !isShort ? estimate : 0;
  const said = strength === null ? undefined : isShort ? TOO_SHORT : WORDS[strength];
  return (
    <div className="grid gap-1.5">
      {said && strength !== null && (
        <Meter
          label="Strength of the password"
          value={strength + 1}
          max={WORDS.length}
          tone={said.tone}
          words={said.words}
        />
      )}
      <p role="status" className="text-sm">
        {said?.words}
      </p>
    </div>
  );
}
