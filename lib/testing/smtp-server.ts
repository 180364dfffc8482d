import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import type { SmtpServer } from '#lib/platform/config/provider-settings.ts';
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
/** Simulated failure at a stage: no response, a closed connection, or an error reply. */
export type SimulatedFailure = 'hang' | 'cut' | { reply: number; words: string };

const PASSWORD = 'the-password-of-the-test';
/** The login that the server accepts. */
export const LOGIN = { user: 'stagedoor', pass: PASSWORD };

async function listen(server: SMTPServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return (server.server.address() as AddressInfo).port;
}

/**
 * Starts a local SMTP server that stores the emails it receives.
 * @param options `certificate`: offers STARTTLS, or implicit TLS if `secure`; `trouble`: a simulated failure
 * @returns among others `reached`, which resolves when a session reaches the stage of the simulated failure
 */
export async function startSmtpServer(
  options: {
    certificate?: Certificate;
    secure?: boolean;
    trouble?: { at: Stage; does: SimulatedFailure };
  } & Pick<SMTPServerOptions, 'authOptional' | 'disabledCommands'> = {},
) {
  const { certificate, secure = false, trouble, authOptional = true, disabledCommands } = options;
  const emails: ReceivedEmail[] = [];
  const reached = Promise.withResolvers<void>();
  const destroyAll = () => {
    for (const { _socket: socket } of server.connections) socket?.destroy();
  };
  /** Proceeds with the session, unless the simulated failure is at this stage. */
  const at = (stage: Stage, proceed: (error?: Error) => void): void => {
    if (trouble?.at === stage) reached.resolve();
    if (trouble?.at !== stage) proceed();
    else if (trouble.does === 'cut') destroyAll();
    else if (trouble.does !== 'hang') {
      const { reply: responseCode, words } = trouble.does;
      proceed(Object.assign(new Error(words), { responseCode }));
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
    onConnect: (_, callback) => at('connect', callback),
    onAuth: ({ username, password }, _, callback) =>
      at('auth', (error) => {
        if (error) return callback(error);
        if (username === LOGIN.user && password === PASSWORD) return callback(null, { user: username });
        callback(Object.assign(new Error(`no such user ${username}`), { responseCode: 535 }));
      }),
    onMailFrom: (_, __, callback) => at('mail', callback),
    onRcptTo: (_, __, callback) => at('rcpt', callback),
    onData: async (stream, { envelope, user, secure: isSecure }, callback) => {
      const raw = await text(stream);
      at('data', (error) => {
        if (error) return callback(error);
        const from = envelope.mailFrom ? envelope.mailFrom.address : '';
        const to = envelope.rcptTo.map(({ address }) => address);
        emails.push({ from, to, user: user?.toString(), secure: isSecure, raw });
        callback(null, 'taken');
      });
    },
  });
  // Ignore clients that disconnect midway: the test causes that.
  server.on('error', () => {});
  const port = await listen(server);
  const close = async () => {
    destroyAll();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  const openConnections = () => server.connections.size;
  return { port, emails, reached: reached.promise, openConnections, [Symbol.asyncDispose]: close };
}

/** Returns the settings of that server. */
export const serverAt = (port: number, fields: Partial<SmtpServer> = {}): SmtpServer => ({
  host: '127.0.0.1',
  port,
  security: 'none',
  login: null,
  ...fields,
});
