import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import type { SmtpServerSettings } from '#lib/platform/config/provider-settings.ts';
import type { Certificate } from './certificates.ts';

export type ReceivedEmail = {
  from: string;
  to: string[];
  user: string | undefined;
  secure: boolean;
  raw: string;
};
/** Stage of an SMTP session. `data`: the server has received the whole email. */
export type Stage = 'connect' | 'auth' | 'mail' | 'rcpt' | 'data';
/** What the server does at a stage: it never responds, destroys all connections, or sends an error reply. */
export type SimulatedFailure = 'hang' | 'cut' | { reply: number; text: string };

const PASSWORD = 'the-password-of-the-test';
/** The login that the server accepts. */
export const LOGIN = { user: 'stagedoor', pass: PASSWORD };

async function listen(server: SMTPServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return (server.server.address() as AddressInfo).port;
}

/**
 * Starts a local SMTP server that stores the emails it receives.
 * @param options `certificate`: offers STARTTLS, or implicit TLS if `secure`; `failure`: what fails, and at which stage
 * @returns `reached` resolves when a session reaches the stage of the simulated failure; `emails` are those received
 */
export async function startSmtpServer(
  options: {
    certificate?: Certificate;
    secure?: boolean;
    failure?: { at: Stage; does: SimulatedFailure };
  } & Pick<SMTPServerOptions, 'authOptional' | 'disabledCommands'> = {},
) {
  const { certificate, secure = false, failure, authOptional = true, disabledCommands } = options;
  const emails: ReceivedEmail[] = [];
  const reached = Promise.withResolvers<void>();
  const destroyAll = () => {
    for (const { _socket: socket } of server.connections) socket?.destroy();
  };
  /** Proceeds with the session, unless the simulated failure is at this stage. */
  const handleStage = (stage: Stage, proceed: (error?: Error) => void): void => {
    if (failure?.at === stage) reached.resolve();
    if (failure?.at !== stage) proceed();
    else if (failure.does === 'cut') destroyAll();
    else if (failure.does !== 'hang') {
      const { reply: responseCode, text: reason } = failure.does;
      proceed(Object.assign(new Error(reason), { responseCode }));
    }
  };
  const server = new SMTPServer({
    secure,
    ...(certificate ?? {}),
    authOptional,
    disabledCommands: [...(disabledCommands ?? []), ...(certificate ? [] : ['STARTTLS'])],
    allowInsecureAuth: !certificate,
    disableReverseLookup: true,
    logger: false,
    onConnect: (_, callback) => handleStage('connect', callback),
    onAuth: ({ username, password }, _, callback) =>
      handleStage('auth', (error) => {
        if (error) return callback(error);
        if (username === LOGIN.user && password === PASSWORD) return callback(null, { user: username });
        callback(Object.assign(new Error(`no such user ${username}`), { responseCode: 535 }));
      }),
    onMailFrom: (_, __, callback) => handleStage('mail', callback),
    onRcptTo: (_, __, callback) => handleStage('rcpt', callback),
    onData: async (stream, { envelope, user, secure: isSecure }, callback) => {
      const raw = await text(stream);
      handleStage('data', (error) => {
        if (error) return callback(error);
        const from = envelope.mailFrom ? envelope.mailFrom.address : '';
        const to = envelope.rcptTo.map(({ address }) => address);
        emails.push({ from, to, user: user?.toString(), secure: isSecure, raw });
        callback(null, 'accepted');
      });
    },
  });
  // Ignore the errors of clients that disconnect during a session: tests cause them.
  server.on('error', () => {});
  const port = await listen(server);
  const close = async () => {
    destroyAll();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  const countConnections = () => server.connections.size;
  return { port, emails, reached: reached.promise, countConnections, [Symbol.asyncDispose]: close };
}

/** Returns the settings of a local SMTP server at a port. */
export const buildSmtpSettings = (
  port: number,
  fields: Partial<SmtpServerSettings> = {},
): SmtpServerSettings => ({
  host: '127.0.0.1',
  port,
  security: 'none',
  login: null,
  ...fields,
});
