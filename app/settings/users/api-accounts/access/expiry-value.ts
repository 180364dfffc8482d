import { findZonedTimes, formatZonedTime } from '#lib/platform/user-input/zoned-time.ts';
import { toExpiryTime } from './access-labels.ts';

/** The value of a field with a part of a date and time. */
const INCOMPLETE = 'incomplete';

/**
 * Returns the value of an entered expiry: ISO 8601 in UTC, null if the field is empty, and another text if it is invalid.
 * If clocks go back over the time, it is the first one.
 * @param text as `<input type="datetime-local">` has it
 * @param isIncomplete whether only some parts are entered: the text is empty then
 */
export function parseExpiry(text: string, isIncomplete: boolean, timeZone: string): string | null {
  if (isIncomplete) return INCOMPLETE;
  if (text === '') return null;
  return findZonedTimes(text, timeZone)[0]?.toISOString() ?? text;
}

/** Returns the text for `<input type="datetime-local">`. */
export function toInputText(value: Date | string | null, timeZone: string): string {
  const time = toExpiryTime(value);
  if (time === null || value === INCOMPLETE) return '';
  return Number.isNaN(time) ? String(value) : formatZonedTime(new Date(time), timeZone);
}

/** Checks whether an invalid value is a time that clocks skip. */
export const isSkippedTime = (value: Date | string | null): boolean =>
  typeof value === 'string' && Number.isNaN(toExpiryTime(value)) && !Number.isNaN(Date.parse(`${value}Z`));

/** Replaces a date by text: the server refuses action arguments that are not plain values (`hasPlainArguments`). */
export const withPlainExpiry = <Values extends { expiresAt?: Date | null | undefined }>(values: Values) => ({
  ...values,
  expiresAt: values.expiresAt?.toISOString() ?? values.expiresAt,
});

/** Returns which of two times it is, if clocks go back over it; otherwise null. */
export function findOccurrence(value: Date | string | null, timeZone: string): 'first' | 'second' | null {
  const times = findZonedTimes(toInputText(value, timeZone), timeZone);
  if (times.length < 2) return null;
  return times[0]?.getTime() === toExpiryTime(value) ? 'first' : 'second';
}
