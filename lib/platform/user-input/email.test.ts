import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyCharacter } from '#lib/testing/sample.ts';
import { atScale } from '#lib/testing/scale.ts';
import { isEmailAddress, normalizeEmail } from './email.ts';
import { emailSchema } from './schema.ts';

const ATEXT = "abcXYZ019!#$%&'*+/=?^_`{|}~-";
const atom = fc.string({ unit: fc.constantFrom(...ATEXT), minLength: 1, maxLength: 20 });
const domain = fc.constantFrom(
  'example.org',
  'a.b-c.co.uk',
  'xn--e1aybc.xn--p1ai',
  'EXAMPLE.museum',
  '1.example',
);
const address = fc
  .tuple(fc.array(atom, { minLength: 1, maxLength: 3 }), domain)
  .map(([atoms, host]) => `${atoms.join('.')}@${host}`);
const decorations: ((address: string) => string)[] = [
  (text) => ` ${text}\r\n`,
  (text) => `\ufeff${text}\u200b`,
  (text) => `\u2068${text}\u2069`,
  (text) => [...text].join('\u00ad'),
  (text) => `<${text}>`,
  (text) => `“${text}”`,
  (text) => `${text},`,
  (text) => `${text}.`,
  (text) => `Jane Doe <${text}>;`,
  (text) => `"Doe, Jane" <${text}>`,
  (text) => `${text} (Jane)`,
  (text) => `Jane [mailto:${encodeURIComponent(text)}]`,
  (text) => `mailto:${encodeURIComponent(text)}?subject=A%20key&cc=x@example.com`,
  (text) => `E-mail: ${text}`,
  (text) => `'${text}',`,
  (text) => `\`${text}\``,
  (text) => `*${text}*`,
  (text) => `[${text}](mailto:${encodeURIComponent(text)})`,
  (text) => `${text} <${text}>`,
  (text) => text.replace('@', '＠').replaceAll('.', '．'),
  (text) => `• ${text}`,
  (text) => `- ${text}`,
  (text) => `> ${text}`,
  (text) => `📧 ${text}`,
  (text) => `「${text}」`,
  (text) => `【${text}】。`,
  (text) => `${text}。`,
  (text) => `${text}?`,
  (text) => `${text} –`,
  (text) => `${text}…`,
  (text) => `${text}/`,
  (text) => `Mail\u00a0: ${text}`,
  (text) => `メール：\u3000${text}`,
  (text) => `Jane (work) <${text}>`,
  (text) => `=?utf-8?q?Jane?= <${text}>`,
  (text) => `<mailto:${encodeURIComponent(text)}?subject=A%20key>`,
  (text) => text.replace(/(?<=.)'/g, '’').replaceAll('-', '\u2011'),
  (text) => `“${text.replaceAll('-', '\u2010')}”`,
];

describe(normalizeEmail, () => {
  it('removes any decoration of a valid address, which it does not change otherwise', () => {
    fc.assert(
      fc.property(
        address,
        fc.constantFrom((text: string) => text, ...decorations),
        (email, decorate) => {
          expect(normalizeEmail(decorate(email))).toBe(email);
          expect(isEmailAddress(email)).toBe(true);
        },
      ),
      { numRuns: atScale({ normal: 250, soak: 20_000 }) },
    );
  });

  it('is idempotent', () => {
    const part = fc.oneof(
      fc.constantFrom(...'<>()[]"\'@.,;:{“’ ', 'mailto:', 'a@b.example', '%40'),
      fc.string({ unit: anyCharacter }),
    );
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const email = normalizeEmail(parts.join(''));
        // An address that is refused need not stay the same.
        if (isEmailAddress(email)) expect(normalizeEmail(email)).toBe(email);
      }),
      { numRuns: atScale({ normal: 50, soak: 5_000 }) },
    );
  });

  it('keeps the beginning of an address, unless the end has the same quote', () => {
    expect(normalizeEmail('_dev@example.org,')).toBe('_dev@example.org');
    expect(normalizeEmail("'dev@example.org.")).toBe("'dev@example.org");
    expect(normalizeEmail('_dev@example.org_')).toBe('dev@example.org');
  });

  it.each(['https://dev@example.org', 'smtp://dev@example.org'])(
    'reads no address from the URL %s',
    (url) => {
      expect(isEmailAddress(normalizeEmail(url))).toBe(false);
    },
  );

  it('reads mailto: with slashes as the address alone', () => {
    expect(normalizeEmail('mailto://dev@example.org')).toBe('dev@example.org');
  });

  it('converts an internationalised domain to the form that mail servers accept', () => {
    expect(normalizeEmail('「dev@例え。テスト」。')).toBe('dev@xn--r8jz45g.xn--zckzah');
    expect(normalizeEmail('a@пример.рф')).toBe('a@xn--e1afmkfd.xn--p1ai');
    expect(normalizeEmail('dev@例え。テスト')).toBe('dev@xn--r8jz45g.xn--zckzah');
    // The joiner is part of the name.
    expect(normalizeEmail('dev@نامه\u200cای.com')).toBe('dev@xn--mgba3gch31f060k.com');
  });
});

describe('emailSchema', () => {
  it.each([
    'r&d@example.org',
    'dev=13@example.org',
    'a@xn--e1aybc.xn--p1ai',
    "o'brien@example.org",
    'd@a.museum',
  ])('accepts %s', (email) => expect(emailSchema.parse(email)).toBe(email));

  const ENTER_EMAIL = 'Enter a full email address, such as name@example.com.';
  const ENTER_ONE = 'Enter one email address, such as name@example.com.';

  it.each([
    ['', 'Enter an email address.'],
    ['\u200b ', 'Enter an email address.'],
    ['example.org', ENTER_EMAIL],
    ['dev@localhost', ENTER_EMAIL],
    ['dev@192.0.2.1', ENTER_EMAIL],
    ['dev@[192.0.2.1]', ENTER_EMAIL],
    ['dev@-a.org', ENTER_EMAIL],
    ['a..b@example.org', ENTER_EMAIL],
    // The words before the address could be a part of it.
    ['jane smith@example.org', ENTER_EMAIL],
    [`${'x'.repeat(65)}@example.org`, ENTER_EMAIL],
    ['mailto:a%0d%0aBcc@example.org', ENTER_EMAIL],
    ['dev@example.org\r\nBcc: x@example.com', ENTER_ONE],
    ['a@example.org, b@example.org', ENTER_ONE],
    ['a@example.org <b@example.org>', ENTER_ONE],
    ['mailto:a@example.org,b@example.org', ENTER_ONE],
    // This dash may separate words.
    [
      'Jane–dev@example.org',
      'We can’t send email to an address with “–” before the @. Enter another address.',
    ],
    ['.dev@example.org', ENTER_EMAIL],
    ['josé@example.org', 'We can’t send email to an address with “é” before the @. Enter another address.'],
    [`${'x'.repeat(64)}@${'y.'.repeat(100)}example`, 'Email addresses can be up to 254 characters.'],
    ['<'.repeat(100_000), 'Email addresses can be up to 254 characters.'],
  ])('rejects %j', (email, message) => {
    expect(emailSchema.safeParse(email).error?.issues[0]?.message).toBe(message);
  });
});
