import { randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { freePort } from '#db/processes.ts';
import type { SmtpServer } from '#lib/platform/config/provider-settings.ts';
import { createAuthority } from '#lib/testing/certificates.ts';
import { LOGIN, serverAt, startSmtpServer } from '#lib/testing/smtp-server.ts';
import { sendBySmtp } from './smtp.ts';

const from = 'Théâtre Gas <access@acme.example>';
const authority = createAuthority();
const certificate = authority.issue('127.0.0.1');

const email = () => ({
  id: randomUUID(),
  to: 'ops@integrator.example',
  subject: 'Your API key from Théâtre Gas',
  text: `See https://access.acme.example/reveal#${'token'.repeat(30)}\n\n.\n.. Søn\n`,
  html: `<p style="color: red">See <a href="https://access.acme.example/reveal#${'token'.repeat(30)}">it</a>,\n Søn = ☂</p>`,
});

const HEADERS = [
  'content-type',
  'date',
  'from',
  'message-id',
  'mime-version',
  'subject',
  'to',
  'x-entity-ref-id',
];

/** Undoes quoted-printable (RFC 2045, section 6.7). */
function decoded(body: string): string {
  const bytes = body
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8').replaceAll('\r\n', '\n');
}

/** Reads the headers of an email, and its two parts. */
function taken(raw: string) {
  const [head = '', ...rest] = raw.split('\r\n\r\n');
  const boundary = /boundary="([^"]+)"/.exec(head)?.[1] ?? 'none';
  const parts = rest.join('\r\n\r\n').split(`--${boundary}`).slice(1, 3);
  const [text, html] = parts.map((part) => {
    const [partHead = '', ...body] = part.split('\r\n\r\n');
    const content = body.join('\r\n\r\n').replace(/\r\n$/, '');
    // Nothing but short ASCII lines: it needs no encoding.
    if (/Encoding: 7bit/.test(partHead)) return content.replaceAll('\r\n', '\n');
    expect(partHead).toMatch(/Encoding: quoted-printable/);
    return decoded(content);
  });
  const header = (name: string) =>
    new RegExp(`^${name}: (.*(?:\r\n .*)*)$`, 'im').exec(head)?.[1]?.replaceAll('\r\n', '');
  const headerNames = head
    .split(/\r\n(?![ \t])/)
    .map((line) => line.slice(0, line.indexOf(':')).toLowerCase());
  return { headerNames, header, text, html };
}

async function sendWith(options: Parameters<typeof startSmtpServer>[0], fields: Partial<SmtpServer> = {}) {
  await using server = await startSmtpServer(options);
  const account = { server: serverAt(server.port, fields), from, ca: authority.cert };
  const message = email();
  const sent = await sendBySmtp(account, message);
  if (!sent.ok) expect(sent.reason).not.toMatch(/@|stagedoor|the-password|token|refused me/);
  await expect.poll(server.openConnections).toBe(0);
  return { sent, emails: server.emails, message };
}

const accepted = { ok: true, provider: 'smtp', providerId: null };

describe('the email', () => {
  test('arrives with exactly its words, under a Message-ID that stays the same', async () => {
    await using server = await startSmtpServer();
    const message = email();
    const account = { server: serverAt(server.port), from };
    expect(await sendBySmtp(account, message)).toEqual(accepted);
    expect(await sendBySmtp(account, message)).toEqual(accepted);
    const [first, second] = server.emails;
    expect(first).toMatchObject({ from: 'access@acme.example', to: [message.to], user: undefined });
    const { headerNames, header, text, html } = taken(first?.raw ?? '');
    expect({ text, html }).toEqual({ text: message.text, html: message.html });
    expect(header('To')).toBe(message.to);
    expect(header('From')).toMatch(/^=\?UTF-8\?.*\?= <access@acme\.example>$/);
    expect(header('Subject')).toMatch(/=\?UTF-8\?/);
    expect(header('X-Entity-Ref-ID')).toBe(message.id);
    expect(header('Message-ID')).toBe(`<${message.id}@acme.example>`);
    expect(taken(second?.raw ?? '').header('Message-ID')).toBe(header('Message-ID'));
    // Neither `bcc` nor `x-mailer`, nor anything else.
    expect(headerNames.toSorted()).toEqual(HEADERS);
  });

  test.each([
    'ops@integrator.example, other@integrator.example',
    'ops@integrator.example\r\nRCPT TO:<other@integrator.example>',
    'ops@integrator.example>\r\nDATA',
    'Ops <ops@integrator.example>',
    'ops@integrator.example\nBcc: other@integrator.example',
    'ops',
  ])('goes to one address, not to %j', async (to) => {
    await using server = await startSmtpServer();
    const account = { server: serverAt(server.port), from };
    expect(await sendBySmtp(account, { ...email(), to })).toEqual({
      ok: false,
      retry: false,
      reason: 'The email address is invalid.',
    });
    expect(server.emails).toEqual([]);
  });

  test('gets no header from its subject, and no file or page from its words', async () => {
    await using server = await startSmtpServer();
    const words = { subject: 'Key\r\nBcc: other@integrator.example\r\n\r\nbody', text: 'file:///etc/passwd' };
    expect(await sendBySmtp({ server: serverAt(server.port), from }, { ...email(), ...words })).toEqual(
      accepted,
    );
    expect(server.emails[0]?.to).toEqual(['ops@integrator.example']);
    const { header, text } = taken(server.emails[0]?.raw ?? '');
    expect(header('Bcc')).toBeUndefined();
    expect(text).toBe('file:///etc/passwd');
  });
});

describe('the connection', () => {
  test.each([
    ['STARTTLS', { certificate }, 'starttls'],
    ['TLS from the start', { certificate, secure: true }, 'tls'],
  ] as const)('by %s, with the password', async (_, options, security) => {
    const { sent, emails } = await sendWith({ ...options, authOptional: false }, { security, login: LOGIN });
    expect(sent).toEqual(accepted);
    expect(emails).toMatchObject([{ user: LOGIN.user, secure: true }]);
  });

  const encrypted = /No encrypted connection/;
  test.each<[string, Parameters<typeof startSmtpServer>[0], Partial<SmtpServer>]>([
    ['a server without STARTTLS', {}, { security: 'starttls' }],
    ['a server without TLS', {}, { security: 'tls' }],
    [
      'a certificate for another host',
      { certificate: authority.issue('mail.example') },
      { security: 'starttls' },
    ],
    [
      "a stranger's certificate",
      { certificate: createAuthority().issue('127.0.0.1') },
      { security: 'starttls' },
    ],
    [
      "a stranger's certificate, TLS from the start",
      { certificate: createAuthority().issue('127.0.0.1'), secure: true },
      { security: 'tls' },
    ],
  ])('is not made to %s', async (_, options, fields) => {
    const { sent, emails } = await sendWith(options, { ...fields, login: LOGIN });
    expect(sent).toEqual({ ok: false, retry: true, reason: expect.stringMatching(encrypted) });
    expect(emails).toEqual([]);
  });

  test('with a wrong password, or to a server that knows no log-in: to be mended', async () => {
    const reason = 'The mail server refused the user name or the password: check SMTP_URL.';
    const wrong = await sendWith({ certificate }, { security: 'starttls', login: { ...LOGIN, pass: 'x' } });
    expect(wrong.sent).toEqual({ ok: false, retry: true, reason });
    const none = await sendWith({ disabledCommands: ['AUTH'] }, { login: LOGIN });
    expect(none.sent).toEqual({ ok: false, retry: true, reason });
    expect([...wrong.emails, ...none.emails]).toEqual([]);
    const needed = await sendWith({ authOptional: false });
    expect(needed.sent).toEqual({ ok: false, retry: true, reason });
  });

  test('to nobody, and to a name that there is not', async () => {
    const account = { server: serverAt(await freePort()), from };
    expect(await sendBySmtp(account, email())).toEqual({
      ok: false,
      retry: true,
      reason: 'The mail server could not be reached, or its answer made no sense.',
    });
    const nowhere = { server: serverAt(25, { host: 'mail.invalid' }), from };
    expect(await sendBySmtp(nowhere, email())).toEqual({
      ok: false,
      retry: true,
      reason: 'The mail server was not found: check SMTP_URL.',
    });
  });

  test('to something that is no mail server', async () => {
    const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(
      0,
      '127.0.0.1',
    );
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    expect(await sendBySmtp({ server: serverAt(port), from }, email())).toMatchObject({
      retry: true,
      reason: /no sense/,
    });
    server.close();
  });
});
