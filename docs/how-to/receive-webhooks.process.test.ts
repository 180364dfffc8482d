import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { findFreePort } from '#db/processes.ts';
import { setEnvironment } from '#lib/testing/environment.ts';
import { RECEIVER_SETTINGS } from '#lib/testing/webhook-receiver.ts';
import { postWebhook } from '#lib/webhooks/post.ts';
import { generateWebhookSecret } from '#lib/webhooks/secret.ts';
import { buildHeaders, signWebhook } from '#lib/webhooks/sign.ts';

setEnvironment(RECEIVER_SETTINGS);

const ROOT = path.join(import.meta.dirname, '../..');

/** Starts the receiver of the page, and returns its URL and the lines that it prints. */
async function startExample(secret: string) {
  const page = await readFile(path.join(import.meta.dirname, 'receive-webhooks.md'), 'utf8');
  const [, program = ''] = /```js\n([\s\S]*?)```/.exec(page) ?? [];
  const port = await findFreePort();
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: ROOT,
    env: { ...process.env, WEBHOOK_SECRET: secret, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  expect((await lines.next()).value).toBe('ready');
  const stop = async () => {
    child.kill();
    await once(child, 'close');
  };
  return { url: `http://127.0.0.1:${port}/`, lines, [Symbol.asyncDispose]: stop };
}

it('accepts genuine events only, and processes each once', async () => {
  const secret = generateWebhookSecret();
  await using receiver = await startExample(secret);
  const send = async (id: string, secrets: string[], at = new Date()) => {
    const data = { account: { username: `Company ${id}` } };
    const body = JSON.stringify({ type: 'api_account.created', timestamp: at.toISOString(), data });
    const headers = { ...buildHeaders(id, at), 'webhook-signature': signWebhook(secrets, id, at, body) };
    const { status, error } = await postWebhook(receiver.url, headers, body);
    return error ?? status;
  };
  const other = generateWebhookSecret();
  expect(await send('0', [other])).toBe(401);
  expect(await send('0', [secret], new Date(Date.now() - 10 * 60_000))).toBe(401);
  // As during an overlap.
  expect(await send('1', [other, secret])).toBe(204);
  expect(await send('1', [secret])).toBe(204);
  expect(await send('2', [secret])).toBe(204);
  expect((await receiver.lines.next()).value).toBe('api_account.created Company 1');
  expect((await receiver.lines.next()).value).toBe('api_account.created Company 2');
});
