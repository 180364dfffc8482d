import { InvalidArgumentError } from 'commander';
import type { KeyReset } from '../typescript/client.ts';

const MAX_OVERLAP_HOURS = 168;
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

/** Returns whether a text has the form of an id. */
export const isId = (text: string) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);

/** Parses a whole number from 1. */
export function parseCount(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Enter a whole number from 1.');
  return Number(text);
}

/** Stands for null, which commander would replace by an empty text. */
export const UNLIMITED = Symbol('unlimited');
type Unlimited = typeof UNLIMITED;

/** Parses a limit; `none` is no limit. */
export const parseLimit = (text: string): number | Unlimited =>
  text === 'none' ? UNLIMITED : parseCount(text);

/** Parses a time with its zone; `never` is no time. A day alone would mean another time in each zone. */
export function parseTime(text: string): string | Unlimited {
  if (text === 'never') return UNLIMITED;
  if (!DATE_TIME.test(text) || Number.isNaN(Date.parse(text)))
    throw new InvalidArgumentError('Enter a time with its zone, such as 2027-01-31T23:59:59Z, or "never".');
  return text;
}

/** Creates a parser for names that are separated by commas. The given word means no limit. */
export const createListParser =
  (unlimited: string) =>
  (text: string): string[] | Unlimited => {
    if (text === unlimited) return UNLIMITED;
    const names = text.split(',').map((name) => name.trim());
    return names.filter(Boolean);
  };

/** Parses when the old key of a reset stops working. */
export function parseOldKey(text: string): NonNullable<KeyReset['oldKey']> {
  const name = text.replaceAll('-', '_');
  if (name === 'immediately' || name === 'on_collection' || name === 'on_first_use') return name;
  const hours = Number(/^(\d+)h$/.exec(text)?.[1] ?? 0);
  if (hours < 1 || hours > MAX_OVERLAP_HOURS)
    throw new InvalidArgumentError(
      `Enter immediately, on-collection, on-first-use, or hours from 1h to ${MAX_OVERLAP_HOURS}h.`,
    );
  return { hours };
}

/** Parses how long an old secret signs, too. */
export function parseHours(text: string): number {
  const hours = Number(/^(\d{1,3})h$/.exec(text)?.[1] ?? Number.NaN);
  if (hours >= 0 && hours <= MAX_OVERLAP_HOURS) return hours;
  throw new InvalidArgumentError(`Enter hours from 0h to ${MAX_OVERLAP_HOURS}h.`);
}
