import dns from 'node:dns';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { resetSettings } from '#lib/platform/config/settings.ts';
import { MAX_RESPONSE_BYTES, postWebhook } from './post.ts';

const PRIVATE = 'The address belongs to a private network, which isn’t allowed.';

async function startServer(listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}/`,
    [Symbol.dispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

const post = (url: string, deadlineMs = 5_000) => postWebhook(url, { 'x-test': '1' }, '{}', deadlineMs);

describe('postWebhook', () => {
  beforeEach(() => {
    vi.stubEnv('WEBHOOK_ALLOW_PRIVATE', '1');
    resetSettings();
    return () => {
      vi.unstubAllEnvs();
      resetSettings();
    };
  });

  it('reads at most 64 KB of a response without an end', async () => {
    using server = await startServer((_, response) => {
      const timer = setInterval(() => response.write('x'.repeat(30_000)), 1);
      response.on('close', () => clearInterval(timer));
    });
    const { status, responseBody } = await post(server.url);
    expect(status).toBe(200);
    expect(responseBody).toHaveLength(MAX_RESPONSE_BYTES);
  });

  it('takes the status of a response whose body does not end in time', async () => {
    using server = await startServer((_, response) => response.writeHead(202).write('slow'));
    const result = await post(server.url, 300);
    expect(result).toMatchObject({ status: 202, responseBody: 'slow', error: null });
    expect(result.durationMs).toBeLessThan(5_000);
  });

  it.each([
    [
      'a dropped connection',
      (_: unknown, response: { destroy(): void }) => response.destroy(),
      'The connection was closed without a response.',
    ],
    [
      'a switch of protocols',
      (request: { socket: { end(text: string): void } }) =>
        request.socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'),
      'The connection was closed without a response.',
    ],
  ])('describes %s', async (_, listener, error) => {
    using server = await startServer(listener as RequestListener);
    expect(await post(server.url)).toMatchObject({ status: null, error });
  });

  it('describes a refused connection, and a host without an address', async () => {
    const server = await startServer(() => {});
    server[Symbol.dispose]();
    expect(await post(server.url)).toMatchObject({ status: null, error: 'The connection was refused.' });
    const missing = await post('http://missing.invalid/');
    expect(missing.error).toMatch(/^The host name (has no address|couldn’t be resolved)\.$/);
  });
});

describe('postWebhook without WEBHOOK_ALLOW_PRIVATE', () => {
  it.each([
    '127.0.0.1',
    '2130706433',
    '0x7f.1',
    '10.0.0.1',
    '169.254.169.254',
    '100.64.0.1',
    '168.63.129.16',
    '224.0.0.1',
    '0.0.0.0',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:a9fe:a9fe]',
    '[64:ff9b::7f00:1]',
    '[64:ff9b:1::10.0.0.1]',
    '[2002:7f00:1::]',
    '[fe80::1]',
    '[fc00::1]',
    '[fec0::1]',
    '[ff02::1]',
    '[2001:db8::1]',
    '[5f00::1]',
  ])('does not connect to %s', async (host) => {
    expect(await post(`http://${host}:1/`)).toMatchObject({ status: null, error: PRIVATE });
  });

  it('does not connect to a host name with a private address, also beside a public one', async () => {
    using server = await startServer((_, response) => response.end());
    expect(await post(`http://localhost:${server.port}/`)).toMatchObject({ error: PRIVATE });
    vi.spyOn(dns, 'lookup').mockImplementation(((_: string, __: object, callback: CallableFunction) =>
      callback(null, [
        { address: '192.0.43.8', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ])) as never);
    expect(await post(`http://rebinding.example:${server.port}/`)).toMatchObject({ error: PRIVATE });
  });

  it('connects to the addresses that were checked, without looking them up again', async () => {
    using server = await startServer((_, response) => response.end('reached'));
    const answers = [['93.184.215.14'], ['127.0.0.1']];
    const spy = vi.spyOn(dns, 'lookup').mockImplementation(((
      _: string,
      __: object,
      callback: CallableFunction,
    ) =>
      callback(
        null,
        (answers.shift() ?? []).map((address) => ({ address, family: 4 })),
      )) as never);
    const result = await post(`http://rebinding.example:${server.port}/`, 300);
    expect(result.responseBody).not.toBe('reached');
    expect(spy).toHaveBeenCalledTimes(1);
  });
});
