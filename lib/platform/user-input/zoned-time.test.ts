import { describe, expect, it } from 'vitest';
import { findZonedTimes, formatZonedTime } from './zoned-time.ts';

const find = (text: string, timeZone: string) => findZonedTimes(text, timeZone).map((at) => at.toISOString());

describe('findZonedTimes', () => {
  it.each([
    ['winter time', 'Europe/London', '2026-12-31T23:59', ['2026-12-31T23:59:00.000Z']],
    ['summer time', 'Europe/London', '2027-06-30T23:59', ['2027-06-30T22:59:00.000Z']],
    ['a time with seconds', 'Europe/London', '2026-12-31T23:59:30', ['2026-12-31T23:59:30.000Z']],
    ['zero seconds', 'UTC', '2026-12-31T23:00:00', ['2026-12-31T23:00:00.000Z']],
    ['an offset with minutes', 'Asia/Kathmandu', '2026-12-01T00:00', ['2026-11-30T18:15:00.000Z']],
    [
      'the minute before clocks go forward',
      'Europe/London',
      '2027-03-28T00:59',
      ['2027-03-28T00:59:00.000Z'],
    ],
    ['a time that clocks skip', 'Europe/London', '2027-03-28T01:30', []],
    [
      'the minute after clocks went forward',
      'Europe/London',
      '2027-03-28T02:00',
      ['2027-03-28T01:00:00.000Z'],
    ],
    [
      'a time that occurs twice',
      'Europe/London',
      '2026-10-25T01:30',
      ['2026-10-25T00:30:00.000Z', '2026-10-25T01:30:00.000Z'],
    ],
    [
      'a time that occurs twice west of Greenwich',
      'America/New_York',
      '2026-11-01T01:00',
      ['2026-11-01T05:00:00.000Z', '2026-11-01T06:00:00.000Z'],
    ],
    [
      'a change by half an hour',
      'Australia/Lord_Howe',
      '2027-04-04T01:45',
      ['2027-04-03T14:45:00.000Z', '2027-04-03T15:15:00.000Z'],
    ],
    ['a day that the zone skipped', 'Pacific/Apia', '2011-12-30T12:00', []],
    ['a day that does not exist', 'UTC', '2027-02-29T12:00', []],
    ['the last year', 'UTC', '9999-12-31T23:59', ['9999-12-31T23:59:00.000Z']],
    ['no time', 'UTC', '2027-01-01', []],
    ['nothing', 'UTC', '', []],
  ])('finds %s in %s', (_, timeZone, text, times) => {
    expect(find(text, timeZone)).toEqual(times);
  });

  it('finds every time again that it formats, all around a change of the clocks', () => {
    for (const timeZone of ['Europe/London', 'America/St_Johns', 'Australia/Lord_Howe']) {
      for (const day of [
        '2026-10-25',
        '2026-11-01',
        '2027-03-14',
        '2027-03-28',
        '2027-04-04',
        '2027-09-26',
      ]) {
        for (let minute = -900; minute < 2_340; minute += 30) {
          const at = new Date(Date.parse(`${day}T00:00Z`) + minute * 60_000);
          expect(find(formatZonedTime(at, timeZone), timeZone)).toContain(at.toISOString());
        }
      }
    }
  });
});

describe('formatZonedTime', () => {
  it.each([
    ['2026-12-31T23:59:00.000Z', 'Europe/London', '2026-12-31T23:59'],
    ['2026-12-31T23:59:59.999Z', 'Europe/Copenhagen', '2027-01-01T00:59:59'],
    ['2026-12-31T00:00:00.000Z', 'UTC', '2026-12-31T00:00'],
    ['0099-06-01T12:00:00.000Z', 'UTC', '0099-06-01T12:00'],
  ])('formats %s in %s as %s', (at, timeZone, text) => {
    expect(formatZonedTime(new Date(at), timeZone)).toBe(text);
  });
});
