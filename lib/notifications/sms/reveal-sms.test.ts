import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyCharacter } from '#lib/testing/sample.ts';
import { atScale } from '#lib/testing/scale.ts';
import { countSeptets } from './gsm-7.ts';
import { renderRevealSms } from './reveal-sms.ts';

const hostLabel = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/);
const host = fc.oneof(
  fc.domain().filter((name) => name.length <= 100),
  fc.array(hostLabel, { minLength: 1, maxLength: 8 }).map((labels) => labels.join('.').slice(0, 100)),
  fc.constantFrom('localhost', '[::1]', '127.0.0.1', `${'a'.repeat(63)}.${'b'.repeat(36)}`),
);
const code = fc.stringMatching(/^\d{6}$/);
const organisation = fc.oneof(
  fc.string({ unit: anyCharacter, maxLength: 120 }),
  fc.string({ unit: 'grapheme', maxLength: 120 }),
  fc.string({ unit: fc.constantFrom(...'€{}[]|^~\\ @#:/.\n'), maxLength: 120 }),
  fc.constantFrom('https://evil.example/x', 'h://://x', 'Acme\n@evil.example #000000', 'a'.repeat(100), ''),
);

describe('renderRevealSms', () => {
  it('renders one segment that ends with the one-time code line, for any name and host', () => {
    fc.assert(
      fc.property(organisation, code, host, fc.option(fc.nat(65_535)), (name, digits, hostName, port) => {
        const text = renderRevealSms({
          organisation: name,
          code: digits,
          host: port === null ? hostName : `${hostName}:${port}`,
        });
        expect(countSeptets(text)).toBeLessThanOrEqual(160);
        const lines = text.split('\n');
        expect(lines).toHaveLength(2);
        expect(lines[1]).toBe(`@${hostName} #${digits}`);
        expect(lines[0]).toContain(`${digits}`);
        expect(lines[0]).toMatch(/^\S.*Don't share it/);
        expect(text).not.toMatch(/:\/|\/\/|\r/);
      }),
      { numRuns: atScale({ normal: 500, soak: 5_000 }) },
    );
  });

  const renderSms = (name: string, hostName = 'access.acme.example') =>
    renderRevealSms({ organisation: name, code: '042042', host: hostName });

  it('renders the full template', () => {
    expect(renderSms('Théâtre & Søn')).toBe(
      "Théatre & Søn: 042042 is your code to see your API key. Don't share it with anyone.\n" +
        '@access.acme.example #042042',
    );
  });

  it('uses the short template for a long host, and shortens the name only if necessary', () => {
    const longHost = `${'a'.repeat(60)}.${'b'.repeat(39)}`;
    expect(renderSms('Acme Gas', longHost)).toBe(
      `Acme Gas code: 042042. Don't share it.\n@${longHost} #042042`,
    );
    expect(renderSms('Northgate Gas & Power', longHost)).toMatch(/^Northgate Gas & Po\.\. code: 042042\./);
  });

  it('shortens a long name', () => {
    expect(renderSms('The Amalgamated Northern Gas, Water and Electricity Supply Undertaking')).toMatch(
      /^The Amalgamated Northern [A-Za-z, ]*\.\.: 042042 is your code/,
    );
  });

  it.each(['東京ガス', '—', '', '🔥'])(
    'replaces the name "%s", which has no letter or digit in GSM-7',
    (name) => {
      expect(renderSms(name)).toMatch(/^API access: 042042 is your code/);
    },
  );

  it('throws for a host that leaves no room for a code or is not ASCII', () => {
    expect(() => renderSms('Acme', 'a'.repeat(130))).toThrow(RangeError);
    expect(() => renderSms('Acme', 'français.example')).toThrow(RangeError);
  });
});
