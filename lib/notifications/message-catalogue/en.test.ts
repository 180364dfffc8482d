import { describe, expect, it } from 'vitest';
import { septets } from '#lib/notifications/sms/gsm-7.ts';
import { revealSms } from '#lib/notifications/sms/reveal-sms.ts';
import { en, type IntegratorMessages } from './en.ts';

const CATALOGUES: IntegratorMessages[] = [en];

const AT = new Date('2026-11-25T14:05:59Z');

/** A value for every parameter of the catalogue's functions. */
const values = (count: number, isTrue: boolean) => ({
  organisation: 'Northgate Gas & Power',
  name: 'Northgate Gas & Power',
  username: 'Northwind Traders',
  code: '042042',
  phoneEnd: '456',
  time: '7:38',
  expiresAt: AT,
  changedAt: AT,
  linkEndsAt: AT,
  codeMinutes: count,
  seconds: count,
  minutes: count,
  hours: count,
  days: count,
  attemptsLeft: count,
  newCodesLeft: count,
  isCodeSent: isTrue,
  isLastCodeUsable: isTrue,
  changedEmail: isTrue,
  changedPhone: !isTrue,
});

/** Lists every string of a part of a catalogue with its path; functions are called with the values. */
function listStrings(part: unknown, given: object, path = ''): [path: string, text: string][] {
  if (typeof part === 'string') return [[path, part]];
  if (typeof part === 'function') return listStrings(part(given), given, path);
  if (typeof part !== 'object' || part === null) throw new Error(`${path} is neither text nor a function`);
  return Object.entries(part).flatMap(([key, value]) => listStrings(value, given, `${path}/${key}`));
}

describe.each(CATALOGUES.map((catalogue) => [catalogue.language, catalogue] as const))(
  'message catalogue %s',
  (_, catalogue) => {
    it.each([
      ['several', values(5, true)],
      ['one', values(1, false)],
      ['none', values(0, false)],
    ])('has text for everything, with %s of what is counted', (_count, given) => {
      const strings = listStrings(catalogue, given);
      expect(strings.length).toBeGreaterThan(100);
      for (const [path, text] of strings) {
        expect(text.trim(), path).not.toBe('');
        expect(text, path).not.toMatch(/undefined|null|NaN|\[object|=>/);
      }
    });

    it('writes both SMS in GSM-7', () => {
      for (const template of [catalogue.sms.code, catalogue.sms.shortCode]) {
        expect(septets(template({ name: catalogue.sms.fallbackName, code: '042042' }))).toBeDefined();
      }
    });

    it.each([
      'Northgate Gas & Power',
      'Théâtre National de Bretagne',
      'Staatstheater am Gärtnerplatz, München',
      'Det Norske Teatret – Øst',
      'Royal Shakespeare Company [RSC]',
      'O’Neill “Stage” Co.',
      '東京ガス',
      '',
    ])('sends a code of %s as one segment that names it in full', (organisation) => {
      for (const code of ['000000', '042042', '999999']) {
        const sms = revealSms({ organisation, code, host: 'access.northgate.example' }, catalogue);
        expect(septets(sms)).toBeLessThanOrEqual(160);
        expect(sms.split('\n').at(-1)).toBe(`@access.northgate.example #${code}`);
        expect(sms).not.toContain('..');
        expect(sms.split(code)).toHaveLength(3);
      }
    });
  },
);

describe('English', () => {
  it('uses the singular for one, and the plural otherwise', () => {
    for (const [path, text] of listStrings(en, values(1, true)))
      expect(text, path).not.toMatch(/\b1 (more )?(tries|codes|seconds|minutes|hours|days)\b/);
    for (const [path, text] of listStrings(en, values(5, true)))
      expect(text, path).not.toMatch(/\b5 (more )?(try|code|second|minute|hour|day)\b/);
  });

  it('names what was changed', () => {
    const { changedFields } = en.changeReportPage;
    expect(changedFields({ changedEmail: true, changedPhone: true })).toBe('Email address and phone number');
    expect(changedFields({ changedEmail: true, changedPhone: false })).toBe('Email address');
    expect(changedFields({ changedEmail: false, changedPhone: true })).toBe('Phone number');
  });

  it('offers the last code only while it works, and a new one only if one is left', () => {
    const { notSent, wrong } = en.codeErrors;
    const organisation = 'Northgate';
    expect(notSent({ organisation, isLastCodeUsable: false })).not.toContain('code');
    expect(notSent({ organisation, isLastCodeUsable: true })).toContain('your last code still works');
    expect(wrong({ organisation, attemptsLeft: 0, newCodesLeft: 1 })).toContain('Request a new one below.');
    expect(wrong({ organisation, attemptsLeft: 0, newCodesLeft: 0 })).toContain('Ask Northgate to reset');
  });
});
