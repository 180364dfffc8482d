import { Readable } from 'node:stream';
import { createTransport } from 'nodemailer';
import { z } from 'zod';
import type { SmtpServer } from '#lib/platform/config/provider-settings.ts';
import { type Email, RESPONSE_TIMEOUT_MS, type Sent } from './sent.ts';

/** `ca` is for tests: whom to trust besides the authorities that Node.js knows. */
export type SmtpAccount = { server: SmtpServer; from: string; ca?: string };

/** What is read of nodemailer's error. The server's own words may repeat the address: only codes are taken from them. */
const failureSchema = z
  .object({
    code: z.string().catch(''),
    /** What the system, or TLS, called it. */
    originalCode: z.string().catch(''),
    command: z.string().catch(''),
    response: z.string().catch(''),
    responseCode: z.number().optional().catch(undefined),
  })
  .catch({ code: '', originalCode: '', command: '', response: '', responseCode: undefined });
type Failure = z.infer<typeof failureSchema>;

const tryAgain = (reason: string): Sent => ({ ok: false, retry: true, reason });
const abandon = (reason: string): Sent => ({ ok: false, retry: false, reason });

const LOGIN_REFUSED = 'The mail server refused the user name or the password: check SMTP_URL.';
const NEEDS_LOGIN = new Set([530, 534, 535, 538]);

/** A reply of the server: RFC 5321, section 4.2, and the enhanced codes of RFC 3463. */
function explainReply(reply: number, { code, command, response }: Failure): Sent {
  if (reply < 500) return tryAgain(`The mail server asks to try again later (${reply}).`);
  if (code === 'EAUTH' || NEEDS_LOGIN.has(reply)) return tryAgain(LOGIN_REFUSED);
  if (command === 'MAIL FROM')
    return tryAgain(`The mail server refused the sender (${reply}): check EMAIL_FROM and SMTP_URL.`);
  // 5.7: for reasons of policy. It is we who may not send there, as long as nobody changes that.
  if (command === 'RCPT TO' && /\b5\.7\.\d|relay/i.test(response))
    return tryAgain(`The mail server does not send to this address for us (${reply}): check SMTP_URL.`);
  if (command === 'RCPT TO') return abandon(`The mail server refused the email address (${reply}).`);
  if (command === 'DATA') return abandon(`The mail server refused the email (${reply}).`);
  return tryAgain(`The mail server refused the connection (${reply}).`);
}

function explain(failure: Failure): Sent {
  const { code, originalCode, responseCode } = failure;
  if (code === 'ETLS' || /^(ERR_(SSL|TLS)_|CERT_|DEPTH_|SELF_|UNABLE_TO_|EPROTO)/.test(originalCode))
    return tryAgain(
      'No encrypted connection to the mail server could be made: check its certificate, and SMTP_URL.',
    );
  if (responseCode !== undefined) return explainReply(responseCode, failure);
  if (code === 'EDNS') return tryAgain('The mail server was not found: check SMTP_URL.');
  if (code === 'EAUTH') return tryAgain(LOGIN_REFUSED);
  if (code === 'EENVELOPE' || code === 'EMESSAGE') return abandon('The mail server cannot take this email.');
  return tryAgain('The mail server could not be reached, or its answer made no sense.');
}

/** One connection for one email: none that is kept can have died meanwhile. */
function transportFor({ server, ca }: SmtpAccount, deadline: number) {
  const { host, port, security, login } = server;
  return createTransport({
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    // Node.js checks the certificate, and that it is for this host.
    tls: { minVersion: 'TLSv1.2', ...(ca ? { ca } : {}) },
    // `forceAuth`: a server that offers no log-in is not handed an email without one.
    ...(login ? { auth: login, forceAuth: true } : {}),
    connectionTimeout: deadline,
    greetingTimeout: deadline,
    socketTimeout: deadline,
    dnsTimeout: deadline,
    socketCloseTimeout: 1_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

/** Hands on what it is given, and tells when all of it was taken: then the server may have the whole email. */
async function* watched(message: AsyncIterable<Uint8Array>, onAllTaken: () => void) {
  yield* message;
  onAllTaken();
}

/**
 * Hands an email to a mail server by SMTP. The Message-ID is made from the message's id, so that whoever gets it
 * twice can tell: SMTP itself knows no idempotency key.
 *
 * @param deadline milliseconds for the whole exchange, the name's look-up included
 */
export async function sendBySmtp(
  account: SmtpAccount,
  { id, to, subject, text, html }: Email,
  deadline = RESPONSE_TIMEOUT_MS,
): Promise<Sent> {
  // One address, so that nothing in it can add a recipient, a header or a command.
  if (!/^[^\s<>,;:"@\p{Cc}]+@[^\s<>,;:"@\p{Cc}]+$/u.test(to)) return abandon('The email address is invalid.');
  const signal = AbortSignal.timeout(deadline);
  const domain = /@([^\s@<>]+)>?$/.exec(account.from)?.[1] ?? 'localhost';
  const transport = transportFor(account, deadline);
  let handedOver = false;
  transport.use('stream', (mail, done) => {
    // Nothing is read from it before the server has asked for the email (354).
    mail.message.processFunc((message) =>
      Readable.from(
        watched(message, () => {
          handedOver = true;
        }),
        { objectMode: false, highWaterMark: 0 },
      ),
    );
    done();
  });
  try {
    await transport.sendMail({
      from: account.from,
      to: { name: '', address: to },
      subject,
      text,
      html,
      messageId: `<${id}@${domain}>`,
      // As with Resend: without it Gmail folds the email after a reset into the earlier one.
      headers: { 'X-Entity-Ref-ID': id },
      signal,
    });
    return { ok: true, provider: 'smtp', providerId: null };
  } catch (error) {
    const failure = failureSchema.parse(error);
    const sent = signal.aborted
      ? tryAgain(`The mail server did not answer within ${deadline / 1_000} seconds.`)
      : explain(failure);
    if (sent.ok || failure.responseCode !== undefined || !handedOver) return sent;
    return { ...sent, unanswered: true };
  } finally {
    transport.close();
  }
}
