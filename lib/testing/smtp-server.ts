import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import type { SmtpServer } from '#lib/platform/config/provider-settings.ts';
import type { Certificate } from './certificates.ts';

export type SeenEmail = {
  from: string;
  to: string[];
  user: string | undefined;
  secure: boolean;
  raw: string;
};
/** How far an exchange comes. `data`: the server has asked for the email and has the whole of it. */
export type Stage = 'connect' | 'auth' | 'mail' | 'rcpt' | 'data';
/** What the server does there: never answers, hangs up, or refuses with a reply. */
export type Trouble = 'hang' | 'cut' | { reply: number; words: string };

const PASSWORD = 'the-password-of-the-test';
/** Whom the server lets in. */
export const LOGIN = { user: 'stagedoor', pass: PASSWORD };

async function listen(server: SMTPServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return (server.server.address() as AddressInfo).port;
}

/**
 * For tests: a mail server on this machine, that remembers each email it took.
 * @param options `certificate`: it offers STARTTLS, or with `secure` speaks TLS from the start
 * @returns among others `reached`: resolves when the exchange has come to the stage of the trouble
 */
export async function startSmtpServer(
  options: { certificate?: Certificate; secure?: boolean; trouble?: { at: Stage; does: Trouble } } & Pick<
    SMTPServerOptions,
    'authOptional' | 'disabledCommands'
  > = {},
) {
  const { certificate, secure = false, trouble, authOptional = true, disabledCommands } = options;
  const emails: SeenEmail[] = [];
  const reached = Promise.withResolvers<void>();
  const cutAll = () => {
    for (const { _socket: socket } of server.connections) socket?.destroy();
  };
  /** Goes on, unless the trouble is to be here. */
  const at = (stage: Stage, goOn: (error?: Error) => void): void => {
    if (trouble?.at === stage) reached.resolve();
    if (trouble?.at !== stage) goOn();
    else if (trouble.does === 'cut') cutAll();
    else if (trouble.does !== 'hang') {
      const { reply: responseCode, words } = trouble.does;
      goOn(Object.assign(new Error(words), { responseCode }));
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
  // A client that hangs up half-way is the test's own doing.
  server.on('error', () => {});
  const port = await listen(server);
  const close = async () => {
    cutAll();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  const openConnections = () => server.connections.size;
  return { port, emails, reached: reached.promise, openConnections, [Symbol.asyncDispose]: close };
}

/** That server, as the settings would name it. */
export const serverAt = (port: number, fields: Partial<SmtpServer> = {}): SmtpServer => ({
  host: '127.0.0.1',
  port,
  security: 'none',
  login: null,
  ...fields,
});
