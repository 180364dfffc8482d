import { zodResolver } from '@hookform/resolvers/zod';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { editApiAccountSchema } from '#lib/api-accounts/schema.ts';
import { findOccurrence, isSkippedTime, parseExpiry, toInputText, withPlainExpiry } from './expiry-value.ts';

const LONDON = 'Europe/London';
const parseForm = zodResolver(z.object({ expiresAt: editApiAccountSchema.shape.expiresAt }));

/** Returns the message that the form shows. */
async function getError(expiresAt: string | null) {
  const options = { fields: {}, shouldUseNativeValidation: false };
  const { errors } = await parseForm({ expiresAt }, undefined, options);
  return errors.expiresAt?.message;
}

describe('parseExpiry and toInputText', () => {
  it.each([
    ['2026-12-31T23:59', '2026-12-31T23:59:00.000Z'],
    ['2027-06-30T23:59', '2027-06-30T22:59:00.000Z'],
    // A year of which only the first digit is entered.
    ['0002-06-30T23:59', '0002-07-01T00:00:15.000Z'],
    ['', null],
  ])('convert %s to %s and back', async (text, value) => {
    expect(parseExpiry(text, false, LONDON)).toBe(value);
    expect(toInputText(value, LONDON)).toBe(text);
    expect(await getError(value)).toBeUndefined();
  });

  it('show a saved time, with its seconds', () => {
    expect(toInputText(new Date('2027-06-30T22:59:30.500Z'), LONDON)).toBe('2027-06-30T23:59:30');
  });

  it('keep a time that clocks skip, which is invalid', async () => {
    const value = parseExpiry('2027-03-28T01:30', false, LONDON);
    expect(toInputText(value, LONDON)).toBe('2027-03-28T01:30');
    expect(isSkippedTime(value)).toBe(true);
    expect(await getError(value)).toBe('Enter a date and a time, or leave this empty.');
  });

  it('distinguish a date without a time from an empty field', async () => {
    const value = parseExpiry('', true, LONDON);
    expect(value).not.toBeNull();
    expect(toInputText(value, LONDON)).toBe('');
    expect(isSkippedTime(value)).toBe(false);
    expect(await getError(value)).toBe('Enter a date and a time, or leave this empty.');
  });
});

describe('withPlainExpiry', () => {
  it('replaces a date, and keeps that there is none and that the field is missing', () => {
    expect(withPlainExpiry({ expiresAt: new Date(0) })).toEqual({ expiresAt: '1970-01-01T00:00:00.000Z' });
    expect(withPlainExpiry({ expiresAt: null })).toEqual({ expiresAt: null });
    expect(withPlainExpiry({})).toEqual({ expiresAt: undefined });
  });
});

describe('findOccurrence', () => {
  it.each([
    ['first', '2026-10-25T00:30:00.000Z'],
    ['second', '2026-10-25T01:30:00.000Z'],
    [null, '2026-10-25T02:30:00.000Z'],
    [null, null],
    [null, 'incomplete'],
  ])('returns %s for %s, if clocks go back from 01:00 UTC', (occurrence, value) => {
    expect(findOccurrence(value, LONDON)).toBe(occurrence);
  });

  it('parses a time that occurs twice as the first', () => {
    expect(parseExpiry('2026-10-25T01:30', false, LONDON)).toBe('2026-10-25T00:30:00.000Z');
  });
});
