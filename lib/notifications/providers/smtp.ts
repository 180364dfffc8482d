import { Readable } from 'node:stream';
import { createTransport } from 'nodemailer';
import { z } from 'zod';
import type { SmtpServerSettings } from '#lib/platform/config/provider-settings.ts';
import { describeTimeout, describeUnreachable } from './reasons.ts';
import {
  createPermanentFailure,
  createTemporaryFailure,
  type Email,
  RESPONSE_TIMEOUT_MS,
  type SendResult,
} from './send-result.ts';

/** `ca` is for tests: the certificate authority to trust instead of those of Node.js. */
export type SmtpAccount = { server: SmtpServerSettings; from: string; ca?: string };

/** Fields of nodemailer's error. The server's reply may contain the address, so it is not passed on. */
const failureSchema = z
  .object({
    code: z.string().catch(''),
    /** The code of the system or TLS error. */
    originalCode: z.string().catch(''),
    command: z.string().catch(''),
    response: z.string().catch(''),
    responseCode: z.number().optional().catch(undefined),
  })
  .catch({ code: '', originalCode: '', command: '', response: '', responseCode: undefined });
type Failure = z.infer<typeof failureSchema>;

const MAIL_SERVER = 'The mail server';
const LOGIN_REJECTED = 'The mail server rejected the user name or password. Check SMTP_URL.';
const AUTHENTICATION_REPLY_CODES = new Set([530, 534, 535, 538]);

/** Maps an SMTP reply to a result, by its code (RFC 5321, section 4.2) and its enhanced status code (RFC 3463). */
function parseReply(replyCode: number, { code, command, response }: Failure): SendResult {
  if (replyCode < 500)
    return createTemporaryFailure(`The mail server asked us to try again later (${replyCode}).`);
  if (code === 'EAUTH' || AUTHENTICATION_REPLY_CODES.has(replyCode))
    return createTemporaryFailure(LOGIN_REJECTED);
  if (command === 'MAIL FROM')
    return createTemporaryFailure(
      `The mail server rejected the sender (${replyCode}). Check EMAIL_FROM and SMTP_URL.`,
    );
  // 5.7.x means that the server's security policy rejects us, not the address. An administrator may correct that.
  if (command === 'RCPT TO' && /\b5\.7\.\d|relay/i.test(response))
    return createTemporaryFailure(
      `The mail server won’t relay to this address (${replyCode}). Check SMTP_URL.`,
    );
  if (command === 'RCPT TO')
    return createPermanentFailure(`The mail server rejected the email address (${replyCode}).`);
  if (command === 'DATA') return createPermanentFailure(`The mail server rejected the email (${replyCode}).`);
  return createTemporaryFailure(`The mail server refused the connection (${replyCode}).`);
}

function parseFailure(failure: Failure): SendResult {
  const { code, originalCode, responseCode } = failure;
  if (code === 'ETLS' || /^(ERR_(SSL|TLS)_|CERT_|DEPTH_|SELF_|UNABLE_TO_|EPROTO)/.test(originalCode))
    return createTemporaryFailure(
      'We couldn’t make an encrypted connection to the mail server. Check its certificate and SMTP_URL.',
    );
  if (responseCode !== undefined) return parseReply(responseCode, failure);
  if (code === 'EDNS') return createTemporaryFailure('The mail server wasn’t found. Check SMTP_URL.');
  if (code === 'EAUTH') return createTemporaryFailure(LOGIN_REJECTED);
  if (code === 'EENVELOPE' || code === 'EMESSAGE')
    return createPermanentFailure('The mail server can’t accept this email.');
  return createTemporaryFailure(describeUnreachable(MAIL_SERVER));
}

/** Creates a transport for one email. Connections are not reused, because the server may have closed an idle one. */
function createSmtpTransport({ server, ca }: SmtpAccount, timeoutMs: number) {
  const { host, port, security, login } = server;
  return createTransport({
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    // Node.js verifies the certificate and its host name.
    tls: { minVersion: 'TLSv1.2', ...(ca ? { ca } : {}) },
    // `forceAuth` makes nodemailer fail if the server does not offer authentication.
    ...(login ? { auth: login, forceAuth: true } : {}),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    socketCloseTimeout: 1_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

/**
 * Passes a message through, and calls `onEnd` after the last chunk. From then on, the server may have the whole email.
 */
async function* notifyOnEnd(message: AsyncIterable<Uint8Array>, onEnd: () => void) {
  yield* message;
  onEnd();
}

/**
 * Sends an email by SMTP. SMTP has no idempotency keys. The Message-ID is derived from the message's id, so that mail
 * programs can recognise duplicates.
 *
 * @param timeoutMs limit for the whole SMTP session, including the DNS lookup
 */
export async function sendBySmtp(
  account: SmtpAccount,
  { id, to, subject, text, html }: Email,
  timeoutMs = RESPONSE_TIMEOUT_MS,
): Promise<SendResult> {
  // Accepts exactly one address, to prevent the injection of recipients, headers and SMTP commands.
  if (!/^[^\s<>,;:"@\p{Cc}]+@[^\s<>,;:"@\p{Cc}]+$/u.test(to))
    return createPermanentFailure('The email address isn’t valid.');
  const signal = AbortSignal.timeout(timeoutMs);
  const domain = /@([^\s@<>]+)>?$/.exec(account.from)?.[1] ?? 'localhost';
  const transport = createSmtpTransport(account, timeoutMs);
  let wasTransmitted = false;
  transport.use('stream', (mail, done) => {
    // nodemailer reads the stream only after the server's 354 reply to DATA.
    mail.message.processFunc((message) =>
      Readable.from(
        notifyOnEnd(message, () => {
          wasTransmitted = true;
        }),
        // Without reading ahead, so that the end is not noticed before the last chunk is consumed.
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
      // Keeps Gmail from threading the email after a reset with the earlier one, as with Resend.
      headers: { 'X-Entity-Ref-ID': id },
      signal,
    });
    return { ok: true, provider: 'smtp', providerId: null };
  } catch (error) {
    const failure = failureSchema.parse(error);
    const result = signal.aborted
      ? createTemporaryFailure(describeTimeout(MAIL_SERVER, timeoutMs))
      : parseFailure(failure);
    if (result.ok || failure.responseCode !== undefined || !wasTransmitted) return result;
    return { ...result, isUnanswered: true };
  } finally {
    transport.close();
  }
}
