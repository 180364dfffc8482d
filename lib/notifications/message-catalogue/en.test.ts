import { describe, expect, it } from 'vitest';
import { countSeptets } from '#lib/notifications/sms/gsm-7.ts';
import { renderRevealSms } from '#lib/notifications/sms/reveal-sms.ts';
import { en, type IntegratorMessages } from './en.ts';

const CATALOGUES: IntegratorMessages[] = [en];

const AT = new Date('2026-11-25T14:05:59Z');

/** Creates a value for every parameter of the catalogue's functions. */
const createValues = (count: number, isTrue: boolean) => ({
  organisation: 'Northgate Gas & Power',
  name: 'Northgate Gas & Power',
  username: 'Northwind Traders',
  code: '042042',
  isCodeByPhone: isTrue,
  phoneEnd: '456',
  time: '7:38',
  expiresAt: AT,
  changedAt: AT,
  linkExpiresAt: AT,
  timeZone: 'Europe/London',
  codeMinutes: count,
  seconds: count,
  status: count,
  key: 'stagekey1',
  baseUrl: 'https://api.example.org/',
  variable: 'API_KEY',
  language: 'PHP',
  minutes: count,
  hours: count,
  days: count,
  attemptsLeft: count,
  newCodesLeft: count,
  isLastCodeUsable: isTrue,
  isBlocked: isTrue,
  blockedUntil: isTrue ? '00:00 GMT on 30 Nov' : null,
  oldKey: isTrue ? { endsOn: 'collection', until: '00:00 GMT on 30 Nov' } : null,
  endsOn: isTrue ? 'first_use' : null,
  until: '00:00 GMT on 30 Nov',
  isEmailChanged: isTrue,
  // A change is of at least one of the two.
  isPhoneChanged: !isTrue,
  leakedAt: AT,
  url: isTrue ? 'https://github.com/example/project' : null,
  isOldKey: !isTrue,
  hasNewKey: count === 0,
  tag: 'stagekey',
  length: 64,
});

/** Lists every string of a part of a catalogue with its path. Calls each function with `values`. */
function listStrings(part: unknown, values: object, path = ''): [path: string, text: string][] {
  if (typeof part === 'string') return [[path, part]];
  if (typeof part === 'function') return listStrings(part(values), values, path);
  if (typeof part !== 'object' || part === null) throw new Error(`${path} is neither text nor a function`);
  return Object.entries(part).flatMap(([key, value]) => listStrings(value, values, `${path}/${key}`));
}

describe.each(CATALOGUES.map((catalogue) => [catalogue.language, catalogue] as const))(
  'message catalogue %s',
  (_, catalogue) => {
    it.each([
      ['five', createValues(5, true)],
      ['one', createValues(1, false)],
      ['zero', createValues(0, false)],
    ])('has a non-empty text for every message if each count is %s', (_count, values) => {
      const strings = listStrings(catalogue, values);
      expect(strings.length).toBeGreaterThan(100);
      for (const [path, text] of strings) {
        expect(text.trim(), path).not.toBe('');
        expect(text, path).not.toMatch(/undefined|null|NaN|\[object|=>/);
      }
    });

    it('has both SMS templates in GSM-7', () => {
      for (const template of [catalogue.sms.code, catalogue.sms.shortCode]) {
        expect(countSeptets(template({ name: catalogue.sms.fallbackName, code: '042042' }))).toBeDefined();
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
    ])('fits the text, the code and the host into one SMS segment for %j', (organisation) => {
      for (const code of ['000000', '042042', '999999']) {
        const sms = renderRevealSms({ organisation, code, host: 'access.northgate.example' }, catalogue);
        expect(countSeptets(sms)).toBeLessThanOrEqual(160);
        expect(sms.split('\n').at(-1)).toBe(`@access.northgate.example #${code}`);
        expect(sms).not.toContain('..');
        // The code is there twice: in the sentence, and in the last line, from which phones fill it in.
        expect(sms.split(code)).toHaveLength(3);
      }
    });
  },
);

describe('English', () => {
  it('uses the singular for one, and the plural otherwise', () => {
    for (const [path, text] of listStrings(en, createValues(1, true)))
      expect(text, path).not.toMatch(/\b1 (more )?(tries|codes|seconds|minutes|hours|days)\b/);
    for (const [path, text] of listStrings(en, createValues(5, true)))
      expect(text, path).not.toMatch(/\b5 (more )?(try|code|second|minute|hour|day)\b/);
  });

  it('describes each response of the verifier to a tested key', () => {
    const describeTest = (status: number) => en.keyPage.testOutcome({ organisation: 'Northgate', status });
    expect(describeTest(200)).toBe('Your key works.');
    expect(describeTest(401)).toContain('no longer works');
    expect(describeTest(403)).toContain('is right, but');
    for (const status of [429, 503]) expect(describeTest(status)).toMatch(/try again in a minute/i);
  });

  it('lists the changed fields', () => {
    const { changedFields } = en.changeReportPage;
    expect(changedFields({ isEmailChanged: true, isPhoneChanged: true })).toBe(
      'Email address and phone number',
    );
    expect(changedFields({ isEmailChanged: true, isPhoneChanged: false })).toBe('Email address');
    expect(changedFields({ isEmailChanged: false, isPhoneChanged: true })).toBe('Phone number');
  });

  it('offers the last code only while it works, and a new one only if one is left', () => {
    const { notSent, wrong } = en.codeErrors;
    const organisation = 'Northgate';
    const allowed = { organisation, attemptsLeft: 0, isBlocked: false, blockedUntil: null };
    expect(notSent({ ...allowed, isLastCodeUsable: false })).not.toContain('code');
    expect(notSent({ ...allowed, isLastCodeUsable: true })).toContain('your last code still works');
    expect(wrong({ ...allowed, newCodesLeft: 1 })).toContain('Request a new one below.');
    expect(wrong({ ...allowed, newCodesLeft: 0 })).toContain('Ask Northgate to reset');
    expect(wrong({ ...allowed, newCodesLeft: 1, isBlocked: true })).not.toContain('below');
  });
});
