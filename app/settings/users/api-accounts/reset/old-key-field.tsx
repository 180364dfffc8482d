'use client';
import { useId } from 'react';
import { RadioField } from '#components/radio-field.tsx';
import type { OldKeyChoice } from '#lib/api-accounts/schema.ts';
import {
  DEFAULT_OLD_KEY_HOURS,
  formatHours,
  OLD_KEY_HOURS,
  OLD_KEY_OPTIONS,
  type OldKeyOption,
} from './reset-labels.ts';

type OldKeyFieldProps = { value: OldKeyChoice; onChange: (choice: OldKeyChoice) => void };

/** Asks when the old key should stop working. */
export function OldKeyField({ value, onChange }: OldKeyFieldProps) {
  const id = useId();
  const option: OldKeyOption = typeof value === 'object' ? 'after_hours' : value;
  return (
    <fieldset aria-describedby={`${id}-description`} className="min-w-0">
      <legend className="font-medium">When should the old key stop working?</legend>
      <p id={`${id}-description`} className="text-muted text-sm">
        After 7 days at the latest.
      </p>
      <div className="mt-3 grid gap-3">
        {OLD_KEY_OPTIONS.map((each) => (
          <RadioField
            key={each.value}
            name={`${id}-option`}
            label={each.label}
            description={each.description}
            checked={option === each.value}
            onChange={() =>
              onChange(each.value === 'after_hours' ? { hours: DEFAULT_OLD_KEY_HOURS } : each.value)
            }
          >
            {each.value === 'after_hours' && typeof value === 'object' && (
              <HoursField name={`${id}-hours`} value={value.hours} onChange={onChange} />
            )}
          </RadioField>
        ))}
      </div>
    </fieldset>
  );
}

type HoursFieldProps = { name: string; value: number; onChange: OldKeyFieldProps['onChange'] };

function HoursField({ name, value, onChange }: HoursFieldProps) {
  return (
    <fieldset className="min-w-0 border-line border-s-2 ps-3.5">
      <legend className="sr-only">Time until the old key stops working</legend>
      <div className="flex flex-wrap gap-x-5 gap-y-2">
        {OLD_KEY_HOURS.map((hours) => (
          <RadioField
            key={hours}
            name={name}
            label={formatHours(hours)}
            checked={value === hours}
            onChange={() => onChange({ hours })}
          />
        ))}
      </div>
    </fieldset>
  );
}
