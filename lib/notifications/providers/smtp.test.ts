import { randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { findFreePort } from '#db/processes.ts';
import type { SmtpServerSettings } from '#lib/platform/config/provider-settings.ts';
import { createAuthority } from '#lib/testing/certificates.ts';
import { buildSmtpSettings, LOGIN, startSmtpServer } from '#lib/testing/smtp-server.ts';
import { sendBySmtp } from './smtp.ts';

const from = 'Théâtre Gas <access@acme.example>';
const authority = createAuthority();
const certificate = authority.issue('127.0.0.1');

/** Creates an email with long lines, which are wrapped, and lines that begin with a dot, which are escaped. */
const makeEmail = () => ({
  id: randomUUID(),
  to: 'ops@integrator.example',
  subject: 'Your API key from Théâtre Gas',
  text: `See https://access.acme.example/reveal#${'token'.repeat(30)}\n\n.\n.. Søn\n`,
  html: `<p style="color: red">See <a href="https://access.acme.example/reveal#${'token'.repeat(30)}">it</a>,\n Søn = ☂</p>`,
});

const EXPECTED_HEADERS = [
  'content-type',
  'date',
  'from',
  'message-id',
  'mime-version',
  'subject',
  'to',
  'x-entity-ref-id',
];

/** Decodes quoted-printable (RFC 2045, section 6.7). */
function decodeQuotedPrintable(body: string): string {
  const bytes = body
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8').replaceAll('\r\n', '\n');
}

/** Parses the headers and the two parts of an email. */
function parseEmail(raw: string) {
  const [head = '', ...rest] = raw.split('\r\n\r\n');
  const boundary = /boundary="([^"]+)"/.exec(head)?.[1] ?? 'none';
  const parts = rest.join('\r\n\r\n').split(`--${boundary}`).slice(1, 3);
  const [text, html] = parts.map((part) => {
    const [partHead = '', ...body] = part.split('\r\n\r\n');
    const content = body.join('\r\n\r\n').replace(/\r\n$/, '');
    // Short ASCII lines need no encoding.
    if (/Encoding: 7bit/.test(partHead)) return content.replaceAll('\r\n', '\n');
    expect(partHead).toMatch(/Encoding: quoted-printable/);
    return decodeQuotedPrintable(content);
  });
  const readHeader = (name: string) =>
    new RegExp(`^${name}: (.*(?:\r\n .*)*)$`, 'im').exec(head)?.[1]?.replaceAll('\r\n', '');
  const headerNames = head
    .split(/\r\n(?![ \t])/)
    .map((line) => line.slice(0, line.indexOf(':')).toLowerCase());
  return { headerNames, readHeader, text, html };
}

async function sendToServer(
  options: Parameters<typeof startSmtpServer>[0],
  fields: Partial<SmtpServerSettings> = {},
) {
  await using server = await startSmtpServer(options);
  const account = { server: buildSmtpSettings(server.port, fields), from, ca: authority.cert };
  const message = makeEmail();
  const result = await sendBySmtp(account, message);
  if (!result.ok) expect(result.reason).not.toMatch(/@|stagedoor|the-password|token|refused me/);
  await expect.poll(server.countConnections).toBe(0);
  return { result, emails: server.emails, message };
}

const ACCEPTED = { ok: true, provider: 'smtp', providerId: null };

describe('email by SMTP', () => {
  it.each(["o'brien!#$%&*+/=?^_`{|}~-r&d@integrator.example", 'dev=13@xn--e1aybc.xn--p1ai'])(
    'reaches the address %s, which is neither quoted nor encoded',
    async (to) => {
      await using server = await startSmtpServer();
      const account = { server: buildSmtpSettings(server.port), from };
      expect(await sendBySmtp(account, { ...makeEmail(), to })).toEqual(ACCEPTED);
      // The test server decodes the domain.
      expect(server.emails[0]?.to).toEqual([to.replace('xn--e1aybc.xn--p1ai', 'тест.рф')]);
      expect(parseEmail(server.emails[0]?.raw ?? '').readHeader('To')).toBe(to);
    },
  );

  it('arrives unchanged, with a stable Message-ID', async () => {
    await using server = await startSmtpServer();
    const message = makeEmail();
    const account = { server: buildSmtpSettings(server.port), from };
    expect(await sendBySmtp(account, message)).toEqual(ACCEPTED);
    expect(await sendBySmtp(account, message)).toEqual(ACCEPTED);
    const [first, second] = server.emails;
    expect(first).toMatchObject({ from: 'access@acme.example', to: [message.to], user: undefined });
    const { headerNames, readHeader, text, html } = parseEmail(first?.raw ?? '');
    expect({ text, html }).toEqual({ text: message.text, html: message.html });
    expect(readHeader('To')).toBe(message.to);
    expect(readHeader('From')).toMatch(/^=\?UTF-8\?.*\?= <access@acme\.example>$/);
    expect(readHeader('Subject')).toMatch(/=\?UTF-8\?/);
    expect(readHeader('X-Entity-Ref-ID')).toBe(message.id);
    expect(readHeader('Message-ID')).toBe(`<${message.id}@acme.example>`);
    expect(parseEmail(second?.raw ?? '').readHeader('Message-ID')).toBe(readHeader('Message-ID'));
    // The email has no `bcc`, `x-mailer` or other header.
    expect(headerNames.toSorted()).toEqual(EXPECTED_HEADERS);
  });

  it.each([
    'ops@integrator.example, other@integrator.example',
    'ops@integrator.example\r\nRCPT TO:<other@integrator.example>',
    'ops@integrator.example>\r\nDATA',
    'Ops <ops@integrator.example>',
    'ops@integrator.example\nBcc: other@integrator.example',
    'ops',
  ])('is not sent to %j, which is not exactly one email address', async (to) => {
    await using server = await startSmtpServer();
    const account = { server: buildSmtpSettings(server.port), from };
    expect(await sendBySmtp(account, { ...makeEmail(), to })).toEqual({
      ok: false,
      retry: false,
      reason: 'The email address isn’t valid.',
    });
    expect(server.emails).toEqual([]);
  });

  it('contains no header from its subject and no file from its text', async () => {
    await using server = await startSmtpServer();
    const content = {
      subject: 'Key\r\nBcc: other@integrator.example\r\n\r\nbody',
      text: 'file:///etc/passwd',
    };
    expect(
      await sendBySmtp({ server: buildSmtpSettings(server.port), from }, { ...makeEmail(), ...content }),
    ).toEqual(ACCEPTED);
    expect(server.emails[0]?.to).toEqual(['ops@integrator.example']);
    const { readHeader, text } = parseEmail(server.emails[0]?.raw ?? '');
    expect(readHeader('Bcc')).toBeUndefined();
    expect(text).toBe('file:///etc/passwd');
  });
});

describe('SMTP connection', () => {
  it.each([
    ['STARTTLS', { certificate }, 'starttls'],
    ['implicit TLS', { certificate, secure: true }, 'tls'],
  ] as const)('authenticates over %s', async (_, options, security) => {
    const { result, emails } = await sendToServer(
      { ...options, authOptional: false },
      { security, login: LOGIN },
    );
    expect(result).toEqual(ACCEPTED);
    expect(emails).toMatchObject([{ user: LOGIN.user, secure: true }]);
  });

  const NOT_ENCRYPTED = /couldn’t make an encrypted connection/;
  it.each<[string, Parameters<typeof startSmtpServer>[0], Partial<SmtpServerSettings>]>([
    ['a server without STARTTLS', {}, { security: 'starttls' }],
    ['a server without TLS', {}, { security: 'tls' }],
    [
      'a certificate for another host',
      { certificate: authority.issue('mail.example') },
      { security: 'starttls' },
    ],
    [
      'a certificate of an unknown authority',
      { certificate: createAuthority().issue('127.0.0.1') },
      { security: 'starttls' },
    ],
    [
      'a certificate of an unknown authority, with implicit TLS',
      { certificate: createAuthority().issue('127.0.0.1'), secure: true },
      { security: 'tls' },
    ],
  ])('fails temporarily with %s, before anything is sent', async (_, options, fields) => {
    const { result, emails } = await sendToServer(options, { ...fields, login: LOGIN });
    expect(result).toEqual({ ok: false, retry: true, reason: expect.stringMatching(NOT_ENCRYPTED) });
    expect(emails).toEqual([]);
  });

  it('fails temporarily if the password is wrong, or if only one side supports authentication', async () => {
    const reason = 'The mail server rejected the user name or password. Check SMTP_URL.';
    const wrongPassword = await sendToServer(
      { certificate },
      { security: 'starttls', login: { ...LOGIN, pass: 'x' } },
    );
    expect(wrongPassword.result).toEqual({ ok: false, retry: true, reason });
    const noAuthentication = await sendToServer({ disabledCommands: ['AUTH'] }, { login: LOGIN });
    expect(noAuthentication.result).toEqual({ ok: false, retry: true, reason });
    expect([...wrongPassword.emails, ...noAuthentication.emails]).toEqual([]);
    const authenticationRequired = await sendToServer({ authOptional: false });
    expect(authenticationRequired.result).toEqual({ ok: false, retry: true, reason });
  });

  it('fails temporarily if the port is closed or the host is unknown', async () => {
    const account = { server: buildSmtpSettings(await findFreePort()), from };
    expect(await sendBySmtp(account, makeEmail())).toEqual({
      ok: false,
      retry: true,
      reason: 'The mail server couldn’t be reached, or sent an invalid response.',
    });
    const unknownHost = { server: buildSmtpSettings(25, { host: 'mail.invalid' }), from };
    expect(await sendBySmtp(unknownHost, makeEmail())).toEqual({
      ok: false,
      retry: true,
      reason: 'The mail server wasn’t found. Check SMTP_URL.',
    });
  });

  it('fails temporarily if the server does not speak SMTP', async () => {
    const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(
      0,
      '127.0.0.1',
    );
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    expect(await sendBySmtp({ server: buildSmtpSettings(port), from }, makeEmail())).toEqual({
      ok: false,
      retry: true,
      reason: 'The mail server couldn’t be reached, or sent an invalid response.',
    });
    server.close();
  });
});
