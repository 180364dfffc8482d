import { describe, expect, it } from 'vitest';
import { renderRevealEmail } from './reveal-email.ts';

const input = {
  organisation: 'Northgate Gas & Power',
  username: 'Théâtre & Søn Ltd',
  link: 'https://access.northgate.example/reveal#AZq3l8Zq7nqUdJ6R0l1mVYb2s1f0w9KqT4h2V8n5cX0',
  expiresAt: new Date('2026-11-25T14:05:59Z'),
  codeMinutes: 10,
  oldKey: null,
};

/** Extracts the visible text of an HTML email. */
function toVisibleText(html: string): string {
  const body = html
    .slice(html.indexOf('<body'))
    .replace(/<!--.*?-->/g, '')
    .replace(/<[^>]*>/g, ' ');
  const plain = body
    .replaceAll('&amp;', '&')
    .replaceAll('&#x27;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>');
  return plain.replace(/\s+/g, ' ').replaceAll(' .', '.');
}

const { html, text } = await renderRevealEmail(input);

describe('renderRevealEmail content', () => {
  describe.each([
    ['text', text],
    ['HTML', toVisibleText(html)],
  ])('%s', (_, content) => {
    it.each([
      'Northgate Gas & Power has given you access to its API. Your username is Théâtre & Søn Ltd.',
      input.link,
      'The link expires on Wednesday 25 November 2026, 14:05 UTC.',
      'Codes last 10 minutes; you can request another on the page.',
      'We’ve texted you a 6-digit code.',
      'No one will ever ask you for your key or code, not even Northgate Gas & Power.',
      'Not expecting this?',
    ])('contains %s', (sentence) => {
      expect(content).toContain(sentence);
    });

    it('contains neither a key nor a code, apart from the link', () => {
      expect(content.replace(input.link, '')).not.toMatch(/[0-9A-Za-z]{30,}|\b\d{3} ?\d{3}\b/);
    });
  });
});

describe('renderRevealEmail after a reset', () => {
  it.each([
    ['collection', 'until you see the new one, and until Tuesday 1 December 2026, 14:05 UTC at the latest.'],
    [
      'first_use',
      'until you first use the new one, and until Tuesday 1 December 2026, 14:05 UTC at the latest.',
    ],
    [null, 'until Tuesday 1 December 2026, 14:05 UTC. Replace it by then.'],
  ] as const)('says until when the current key works (%s)', async (endsOn, end) => {
    const oldKey = { endsOn, expiresAt: '2026-12-01T14:05:59.000Z' };
    const email = await renderRevealEmail({ ...input, oldKey });
    for (const content of [email.text, toVisibleText(email.html)])
      expect(content).toContain(`Your current key works ${end}`);
    expect(text).not.toContain('current key');
  });
});

describe('renderRevealEmail HTML', () => {
  it('contains the link as a button and as text, and no other link', () => {
    expect(html.match(/href="[^"]*"/g)).toEqual([`href="${input.link}"`, `href="${input.link}"`]);
  });

  it('loads no external resource', () => {
    expect(html).not.toMatch(/<img|<link|<script|<iframe|src=|url\(|@import|background=|srcset/i);
  });

  it('supports dark mode and screen readers, and declares its language', () => {
    expect(html).toContain('<meta name="color-scheme" content="light dark"/>');
    expect(html).toContain('@media (prefers-color-scheme: dark)');
    expect(html).toMatch(/<html[^>]* lang="en-GB"/);
    expect(html.match(/<h1/g)).toHaveLength(1);
    for (const table of html.match(/<table[^>]*>/g) ?? []) expect(table).toContain('role="presentation"');
  });
});

describe('renderRevealEmail', () => {
  it('renders equal input to identical bytes', async () => {
    const [first, second] = await Promise.all([renderRevealEmail(input), renderRevealEmail({ ...input })]);
    expect(second).toEqual(first);
    expect(await renderRevealEmail({ ...input, expiresAt: new Date('2026-11-25T14:06:00Z') })).not.toEqual(
      first,
    );
  });

  it('renders no markup, line break in the subject or change of text direction from names', async () => {
    const hostileEmail = await renderRevealEmail({
      ...input,
      organisation: 'Acme\r\nBcc: all@evil.example\u2028</style><script>alert(1)</script>',
      username: '"><img src=x onerror=alert(1)>\u202Egnp.exe',
    });
    expect(hostileEmail.subject).toBe(
      'Your API key from Acme Bcc: all@evil.example </style><script>alert(1)</script>',
    );
    expect(hostileEmail.html).not.toMatch(/<script|<img/);
    expect(hostileEmail.html.match(/<\/style>/g)).toHaveLength(1);
    expect(hostileEmail.html).toContain('&lt;script&gt;');
    expect(hostileEmail.text).toContain('Your username is "><img src=x onerror=alert(1)>gnp.exe.');
    expect(Object.values(hostileEmail).join()).not.toContain('\u202e');
  });

  it('formats the time in UTC in any time zone', async () => {
    // The tests run in the time zone Asia/Kathmandu (`vitest.config.ts`).
    const email = await renderRevealEmail({ ...input, expiresAt: new Date('2026-12-31T23:59:00Z') });
    expect(email.text).toContain('expires on Thursday 31 December 2026, 23:59 UTC.');
  });
});
