'use client';
import { type Ref, useImperativeHandle, useRef } from 'react';
import { Button } from '#components/button.tsx';
import { formatTimeOfDay } from '#components/format-time.ts';
import { TextField } from '#components/text-field.tsx';
import { toExpiryTime } from './access-labels.ts';
import { findOccurrence, isSkippedTime, parseExpiry, toInputText } from './expiry-value.ts';

/** Limits the year to four digits. */
const MAX = '9999-12-31T23:59';
const SKIPPED = 'Clocks go forward on that day and skip this time. Choose another time.';

type ExpiryFieldProps = {
  name: string;
  /** A date or ISO 8601 in UTC; null if there is none; any other text if it is invalid. */
  value: Date | string | null | undefined;
  onChange: (value: string | null) => void;
  onBlur: () => void;
  ref: Ref<{ focus: () => void }>;
  error: string | undefined;
  /** The organisation's (IANA name). */
  timeZone: string;
};

/** Renders the field for the date and time at which an account expires, in the organisation's time zone. */
export function ExpiryField({
  value = null,
  onChange,
  onBlur,
  ref,
  error,
  timeZone,
  name,
}: ExpiryFieldProps) {
  const input = useRef<HTMLInputElement>(null);
  useImperativeHandle(ref, () => ({ focus: () => input.current?.focus() }), []);
  const text = toInputText(value, timeZone);
  const occurrence = findOccurrence(value, timeZone);

  /** Reads the field. Browsers report no change while only some parts of the date are entered. */
  function update({ value: entered, validity }: HTMLInputElement) {
    const next = parseExpiry(entered, validity.badInput, timeZone);
    if (entered !== text || (next === null) !== (value === null)) onChange(next);
  }

  function remove() {
    // Before the button disappears.
    input.current?.focus();
    onChange(null);
  }

  return (
    <div className="grid justify-items-start gap-2">
      <TextField
        className="w-full"
        label="Expiry"
        type="datetime-local"
        name={name}
        ref={input}
        value={text}
        max={MAX}
        onChange={(event) => update(event.currentTarget)}
        onBlur={(event) => {
          update(event.currentTarget);
          onBlur();
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') update(event.currentTarget);
        }}
        error={error && isSkippedTime(value) ? SKIPPED : error}
        hint={
          occurrence &&
          `Clocks go back that day, so this time occurs twice. This is the ${occurrence}: ${formatTimeOfDay(new Date(toExpiryTime(value) ?? 0), timeZone)}.`
        }
        description={`Date and time in the time zone ${timeZone}. From then on, requests are refused. Leave empty for no expiry.`}
        autoComplete="off"
      />
      {value !== null && (
        <Button size="sm" onClick={remove}>
          Remove expiry
        </Button>
      )}
    </div>
  );
}
