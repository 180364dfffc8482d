import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A message that a fake provider has received from a worker. */
export type ReceivedMessage = {
  channel: 'email' | 'sms';
  /** The idempotency key (the message's id) of an email; the phone number of an SMS. */
  id: string;
  /** Name of the worker that sent it, from its credentials. */
  worker: string;
  /** The whole request body of an email; the text of an SMS. */
  body: string;
};

/** How a fake provider responds: accepts the message, never responds, closes the connection, or sends this response. */
export type Behaviour =
  | 'accept'
  | 'hang'
  | 'cut'
  | { status: number; headers?: Record<string, string>; body?: string };

const SUCCESS_RESPONSES = {
  email: { status: 200, headers: { 'Content-Type': 'application/json' }, body: '{"id":"email-1"}' },
  sms: {
    status: 200,
    headers: { 'Content-Type': 'text/xml' },
    body: '<PublishResponse><PublishResult><MessageId>text-1</MessageId></PublishResult></PublishResponse>',
  },
};

function parseMessage(headers: IncomingHttpHeaders, body: string): ReceivedMessage {
  const key = headers['idempotency-key'];
  const credentials = headers.authorization ?? '';
  if (key) return { channel: 'email', id: String(key), worker: credentials.slice('Bearer re_'.length), body };
  const form = new URLSearchParams(body);
  const worker = /Credential=([^/]+)/.exec(credentials)?.[1] ?? '';
  return { channel: 'sms', id: form.get('PhoneNumber') ?? '', worker, body: form.get('Message') ?? '' };
}

function sendResponse(behaviour: Exclude<Behaviour, 'hang' | 'accept'>, response: ServerResponse): void {
  if (behaviour === 'cut') response.destroy();
  else response.writeHead(behaviour.status, behaviour.headers).end(behaviour.body ?? '');
}

/** A local server that fakes Resend and Amazon SNS. It stores the messages that it receives. */
export class FakeProviders {
  readonly url: string;
  readonly received: ReceivedMessage[] = [];
  /** Decides how to respond to a message. Tests replace it. */
  behave: (message: ReceivedMessage) => Behaviour | Promise<Behaviour> = () => 'accept';
  #server = createServer(async (request, response) => {
    const body = await text(request).catch(() => null);
    // The worker was killed while it sent the request. A provider does not accept incomplete requests.
    if (body === null) return;
    const message = parseMessage(request.headers, body);
    this.received.push(message);
    const behaviour = await this.behave(message);
    if (behaviour === 'hang') return;
    sendResponse(behaviour === 'accept' ? SUCCESS_RESPONSES[message.channel] : behaviour, response);
  });

  private constructor(port: number) {
    this.url = `http://127.0.0.1:${port}`;
  }

  static async start(): Promise<FakeProviders> {
    const providers = new FakeProviders(0);
    providers.#server.listen(0, '127.0.0.1');
    await once(providers.#server, 'listening');
    const { port } = providers.#server.address() as AddressInfo;
    return Object.assign(providers, { url: `http://127.0.0.1:${port}` });
  }

  getReceived(channel: 'email' | 'sms'): ReceivedMessage[] {
    return this.received.filter((message) => message.channel === channel);
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
