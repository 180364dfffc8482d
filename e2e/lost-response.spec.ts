import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { sql } from 'drizzle-orm';
import { atScale } from '#lib/testing/scale.ts';
import { type Action, createActionHeaders, findAction } from './fixtures/call-action.ts';
import { callFromPage, createSameOriginHeaders } from './fixtures/callers.ts';
import { expect, type Installation, test } from './fixtures/test.ts';

const ROUND_COUNT = atScale({ normal: 5, soak: 200 });

type Submission = { token: string; code: string; retrySecret: string };

const createRetrySecret = () => randomBytes(32).toString('base64url');

/** Submits a code, and resolves when the response begins. The connection is then cut, so its body is lost. */
function submitAndCut(installation: Installation, action: Action, submission: Submission): Promise<void> {
  const { hostname, port } = new URL(installation.webUrl);
  const body = JSON.stringify([submission]);
  const headers = {
    ...createActionHeaders(action),
    ...createSameOriginHeaders(installation),
    'content-length': String(Buffer.byteLength(body)),
  };
  return new Promise((resolve, reject) => {
    const outgoing = request({ hostname, port, method: 'POST', path: action.page, headers }, (response) => {
      response.on('error', () => {});
      response.destroy();
      resolve();
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Submits a code, and returns the key if it is shown. */
async function submit(installation: Installation, action: Action, submission: Submission) {
  const response = await callFromPage(installation, { action, args: [submission] });
  return /"key":"([0-9A-Za-z]{64})"/.exec(response)?.[1];
}

test('returns the same key to the same browser if the connection is cut after the commit', async ({
  installation,
  apiAccount,
  database,
  verify,
}) => {
  const action = await findAction('showKey');
  for (let round = 0; round < ROUND_COUNT; round += 1) {
    const { id, link, code, username } = await apiAccount();
    const submission = { token: new URL(link).hash.slice(1), code, retrySecret: createRetrySecret() };
    await submitAndCut(installation, action, submission);
    const { rows } = await database.execute(sql`select key_digest from api_accounts where id = ${id}`);
    expect(rows[0]?.key_digest).not.toBeNull();
    expect(
      await submit(installation, action, { ...submission, retrySecret: createRetrySecret() }),
    ).toBeUndefined();
    const keys = await Promise.all([1, 2].map(() => submit(installation, action, submission)));
    expect(keys[0]).toBeDefined();
    expect(keys[1]).toBe(keys[0]);
    expect(await verify(keys[0] ?? '')).toMatchObject({ status: 200, username });
    const { rows: events } = await database.execute(
      sql`select action, count(*)::int from audit_events where account_id = ${id} and action like 'api_key.%' group by 1 order by 1`,
    );
    expect(events).toEqual([
      { action: 'api_key.shown', count: 1 },
      { action: 'api_key.shown_again', count: 2 },
    ]);
  }
});
