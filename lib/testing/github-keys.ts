import { generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How the server responds instead of with its keys. */
type Failure = { status?: number; body?: string; headers?: Record<string, string> };

/** A local server that publishes public keys as GitHub does, and signs reports with their private keys. */
export async function startGithubKeys() {
  const pair = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const published = [{ id: 'key-1', pem: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString() }];
  const state: { requests: number; failure: Failure | null } = { requests: 0, failure: null };
  const server = createServer((_, response) => {
    state.requests += 1;
    const { status = 200, headers = {}, body } = state.failure ?? {};
    const keys = published.map(({ id, pem }) => ({ key_identifier: id, key: pem, is_current: true }));
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
    response.end(body ?? JSON.stringify({ public_keys: keys }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/meta/public_keys/secret_scanning`,
    state,
    /** Replaces the published keys. */
    publish: (...keys: typeof published) => published.splice(0, published.length, ...keys),
    published: [...published],
    /** Returns the headers with which GitHub sends a body. */
    sign: (body: string, id = 'key-1') => ({
      'github-public-key-identifier': id,
      'github-public-key-signature': sign('sha256', Buffer.from(body), pair.privateKey).toString('base64'),
    }),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
