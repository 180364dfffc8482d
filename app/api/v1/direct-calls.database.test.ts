import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { generateKey } from '#lib/api-keys/api-key.ts';
import { reportLeakedKeys } from '#lib/management-api/leak-operations.ts';
import { getOpenApiDocument, OPERATIONS } from '#lib/management-api/openapi.ts';
import type { Operation } from '#lib/management-api/operation.ts';
import { ACCESS_TOKEN_SCOPES, type AccessTokenScope } from '#lib/platform/authorization/actor.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { createTestAccessToken } from '#lib/testing/access-tokens.ts';
import {
  type ApiRequest,
  callApi,
  createApiDatabase,
  receivedResponses,
  setApiDatabaseUrl,
} from '#lib/testing/management-api.ts';
import { type DescribedOperation, generateRequests } from '#lib/testing/openapi-inputs.ts';
import { atScale } from '#lib/testing/scale.ts';
import { TcpProxy } from '#lib/testing/tcp-proxy.ts';

let db: Awaited<ReturnType<typeof createApiDatabase>>;
/** For each kind of resource: one that exists, and one that was deleted. */
let ids: Record<string, { existing: string; deleted: string }>;
/** A token with every scope. */
let token: string;

const UNKNOWN_ID = '019ac000-0000-7000-8000-000000000000';
const BODIES: Record<string, unknown> = {
  createApiAccount: { username: 'Direct call', email: 'it@example.com', phone: '+447894123456' },
  updateApiAccount: { notes: 'Direct call' },
  resetApiKey: { oldKey: 'immediately' },
  resendMessages: { message: 'both' },
  reportLeakedKeys: [{ token: 'stagekey' }],
  createWebhookEndpoint: { url: 'https://hooks.example.com/', eventTypes: ['api_key.reset'] },
  updateWebhookEndpoint: { description: 'Direct call' },
  rotateWebhookSecret: { hours: 1 },
};
const authorized = OPERATIONS.filter(({ scope }) => scope !== null);

const createToken = async (...scopes: AccessTokenScope[]) =>
  (await createTestAccessToken(db.database, scopes)).token;
/** Returns the ids of what an operation's path is about. */
const getIds = ({ path }: Pick<Operation, 'path'>) =>
  ids[path.split('/')[3] ?? ''] ?? { existing: '', deleted: '' };
const callOperation = (operation: Operation, request: ApiRequest, id = getIds(operation).existing) =>
  callApi(operation.method.toUpperCase(), operation.path.replace('{id}', id), {
    body: BODIES[operation.id],
    ...request,
  });

/** Reads all that an endpoint could change, except what every request writes: rate limits and the token's last use. */
async function readState(): Promise<unknown> {
  const tables = [
    ...['api_accounts', 'deleted_api_accounts', 'reveals', 'messages', 'idempotent_requests'],
    ...['webhook_endpoints', 'webhook_events', 'webhook_deliveries', 'webhook_attempts'],
  ];
  const states = tables.map((table) => db.pool.query(`select t::text as row from ${table} t order by 1`));
  const events = db.pool.query("select id from audit_events where action <> 'request.refused' order by 1");
  return (await Promise.all([...states, events])).map(({ rows }) => rows);
}

async function expectUnchanged(run: () => Promise<void>): Promise<void> {
  const before = await readState();
  await run();
  expect(await readState()).toEqual(before);
}

beforeAll(async () => {
  db = await createApiDatabase();
  token = await createToken(...ACCESS_TOKEN_SCOPES);
  const deletedAccount = await createAccount('Deleted');
  const deletedEndpoint = await createEndpoint();
  await callApi('DELETE', `/api/v1/api-accounts/${deletedAccount}`, { token });
  await callApi('DELETE', `/api/v1/webhook-endpoints/${deletedEndpoint.id}`, { token });
  const endpoint = await createEndpoint();
  ids = {
    'api-accounts': { existing: await createAccount('Existing'), deleted: deletedAccount },
    'webhook-endpoints': { existing: endpoint.id, deleted: deletedEndpoint.id },
    'webhook-deliveries': { existing: endpoint.deliveryId, deleted: deletedEndpoint.deliveryId },
  };
});
afterAll(() => db.close());

describe('every endpoint', () => {
  it('refuses requests without a valid access token', async () => {
    const [expired, revoked] = await Promise.all(
      [0, 1].map(() => createTestAccessToken(db.database, [...ACCESS_TOKEN_SCOPES])),
    );
    await db.pool.query(
      `update access_tokens set created_at = now() - interval '90 days', expires_at = now() - interval '1 second'
       where id = $1`,
      [expired?.id],
    );
    await db.pool.query(
      'update access_tokens set revoked_at = now(), revoked_by = created_by where id = $1',
      [revoked?.id],
    );
    const callers: Record<string, Record<string, string>> = {
      'no token': {},
      'an empty token': { authorization: 'Bearer ' },
      'a malformed token': { authorization: `Bearer ${token.slice(0, -1)}?` },
      'an unknown token': { authorization: `Bearer ${generateKey('stagetok')}` },
      'an API key': { authorization: `Bearer ${generateKey('stagekey')}` },
      'a token as a password': { authorization: `Basic ${btoa(`x:${token}`)}` },
      'a token as a key': { 'x-api-key': token },
      'a token in a cookie': { cookie: `stagedoor.session=${token}; authorization=Bearer ${token}` },
      'two tokens': { authorization: `Bearer ${token}, Bearer ${token}` },
      'an expired token': { authorization: `Bearer ${expired?.token}` },
      'a revoked token': { authorization: `Bearer ${revoked?.token}` },
    };
    await expectUnchanged(async () => {
      const bodies = new Set<string>();
      for (const [index, operation] of authorized.entries()) {
        // The number of unknown tokens from one IP address is limited.
        const from = { 'x-stagedoor-address': `192.0.2.${index}` };
        for (const [caller, headers] of Object.entries(callers)) {
          const { status, text } = await callOperation(operation, { headers: { ...headers, ...from } });
          expect(status, `${operation.id} with ${caller}`).toBe(401);
          bodies.add(text);
        }
      }
      expect(bodies.size).toBe(1);
    });
  });

  it('refuses a token without its scope', async () => {
    for (const scope of new Set(authorized.map((operation) => operation.scope))) {
      const others = ACCESS_TOKEN_SCOPES.filter((each) => each !== scope);
      const wrongToken = await createToken(...others);
      await expectUnchanged(async () => {
        for (const operation of authorized.filter((each) => each.scope === scope)) {
          const { status, json, text } = await callOperation(operation, { token: wrongToken });
          expect([status, json.code], operation.id).toEqual([403, 'insufficient_scope']);
          expect(text).not.toContain('it@example.com');
        }
      });
    }
  });

  it('does not find unknown, deleted and malformed ids', async () => {
    await expectUnchanged(async () => {
      for (const operation of authorized.filter(({ path }) => path.includes('{id}'))) {
        for (const unknown of [
          UNKNOWN_ID,
          getIds(operation).deleted,
          'x',
          '%00',
          '..%2f..',
          "'%20or%201=1",
          '%F0%9F%92%A9',
        ]) {
          const { status, json } = await callOperation(operation, { token }, unknown);
          expect([status, json.code], `${operation.id} ${unknown}`).toEqual([404, 'not_found']);
        }
      }
    });
  });

  it('refuses malformed bodies, types, parameters and headers', async () => {
    await expectUnchanged(async () => {
      for (const operation of OPERATIONS) {
        const expectStatus = async (expected: number, request: ApiRequest, query = '') => {
          const path = operation.path.replace('{id}', getIds(operation).existing) + query;
          const method = operation.method.toUpperCase();
          const { status } = await callApi(method, path, { token, body: BODIES[operation.id], ...request });
          expect(status, `${operation.id} ${JSON.stringify(request)} ${query}`).toBe(expected);
        };
        await expectStatus(406, { headers: { accept: 'text/html, application/xml;q=0.9' } });
        await expectStatus(406, { headers: { accept: 'application/json;q=0' } });
        await expectStatus(400, {}, '?unknown=1');
        await expectStatus(400, {}, '?__proto__=1');
        if (operation.method === 'patch') {
          await expectStatus(412, { headers: { 'if-match': '"99"' } });
          await expectStatus(400, { headers: { 'if-match': '99' } });
        }
        if (operation.method === 'post') await expectStatus(415, { headers: { 'content-encoding': 'gzip' } });
        if (operation.body) {
          for (const body of ['{', '\ud800', '{"a":1}}', new Uint8Array([0xff, 0x22, 0x22])])
            await expectStatus(400, { body });
          for (const body of ['[]', 'null', '1', '"x"', '{"unknown":1}', '{"__proto__":{}}'])
            await expectStatus(422, { body });
          await expectStatus(415, { headers: { 'content-type': 'text/plain' } });
          await expectStatus(415, { headers: { 'content-type': 'application/jsonp' } });
          await expectStatus(415, { headers: { 'content-encoding': 'gzip' } });
        }
      }
    });
  });

  it('refuses a report of leaked keys with a signature that is not GitHub’s', async () => {
    settings().githubKeysUrl = 'http://127.0.0.1:1/keys';
    await expectUnchanged(async () => {
      const headers = { 'github-public-key-signature': 'x' };
      const { status, json } = await callOperation(reportLeakedKeys, { headers });
      expect([status, json.code]).toEqual([403, 'invalid_signature']);
    });
    settings().githubKeysUrl = null;
  });

  it('refuses the Idempotency-Key of another request', async () => {
    const headers = { 'idempotency-key': 'of-another-request' };
    const body = { ...(BODIES.createWebhookEndpoint as object), description: 'The first request' };
    expect((await callApi('POST', '/api/v1/webhook-endpoints', { token, headers, body })).status).toBe(201);
    await expectUnchanged(async () => {
      for (const operation of authorized.filter(({ method }) => method === 'post')) {
        const { status, json } = await callOperation(operation, { token, headers });
        expect([status, json.code], operation.id).toEqual([422, 'idempotency_key_reused']);
      }
    });
  });

  it('refuses a body of ten megabytes, and stops reading it', async () => {
    await expectUnchanged(async () => {
      for (const operation of OPERATIONS.filter(({ body }) => body)) {
        let sent = 0;
        const body = new ReadableStream({
          pull(controller) {
            sent += 100_000;
            controller.enqueue(new Uint8Array(100_000).fill(0x20));
            if (sent >= 10_000_000) controller.close();
          },
        });
        expect((await callOperation(operation, { token, body })).status, operation.id).toBe(413);
        expect(sent).toBeLessThan((operation.maxBodyBytes ?? 0) + 1_000_000);
      }
      const headers = { 'content-length': '10000000' };
      for (const operation of OPERATIONS)
        expect((await callOperation(operation, { token, headers })).status, operation.id).toBe(413);
    });
  });

  it('refuses other methods and paths, and allows no other site', async () => {
    await expectUnchanged(async () => {
      for (const path of new Set(OPERATIONS.map((operation) => operation.path))) {
        const methods = OPERATIONS.filter((each) => each.path === path).map(({ method }) =>
          method.toUpperCase(),
        );
        const target = path.replace('{id}', getIds({ path }).existing);
        const headers = { origin: 'https://evil.example', 'access-control-request-method': 'POST' };
        const options = await callApi('OPTIONS', target, { headers });
        expect(options.status).toBe(204);
        const allowed = options.headers.get('allow')?.split(', ') ?? [];
        expect(allowed.filter((method) => !['HEAD', 'OPTIONS'].includes(method)).toSorted()).toEqual(
          methods.toSorted(),
        );
        for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter(
          (each) => !methods.includes(each),
        )) {
          const { status, headers: received } = await callApi(method, target, { token });
          expect([status, received.get('allow')], `${method} ${path}`).toEqual([405, allowed.join(', ')]);
        }
      }
      for (const path of ['/api/v1/x', '/api/v1/api-accounts/x/y', '/api/v1/api-accounts/'])
        expect((await callApi('POST', path, { token })).status).toBe(404);
    });
  });

  it('serves the document, and repeats the id of a request', async () => {
    const { json, headers } = await callApi('GET', '/api/v1/openapi.json', {
      headers: { 'x-request-id': 'job-7.1' },
    });
    expect(json).toEqual(JSON.parse(JSON.stringify(getOpenApiDocument())));
    expect(headers.get('x-request-id')).toBe('job-7.1');
    const { headers: other } = await callApi('GET', '/api/v1/openapi.json', {
      headers: { 'x-request-id': 'a b' },
    });
    expect(other.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('reports the rate limit of the access token', async () => {
    const limited = await createToken('accounts:read');
    const { headers } = await callApi('GET', '/api/v1/api-accounts', { token: limited });
    expect(headers.get('ratelimit')).toMatch(/;r=\d+;t=\d+$/);
    expect(headers.get('ratelimit-policy')).toMatch(/;q=\d+;w=\d+$/);
    const { headers: ofProblem } = await callApi('GET', '/api/v1/api-accounts?limit=0', { token: limited });
    expect(ofProblem.get('ratelimit')).not.toBe(headers.get('ratelimit'));
  });
});

/** The time for a connection and for a query, and some for a busy machine. docs/reference/management-api.md states 12 s. */
const MAX_OUTAGE_RESPONSE_MS = 12_000;

describe('every endpoint, if the database', () => {
  const { setTimeout: startTimer } = globalThis;
  const logTimers: NodeJS.Timeout[] = [];
  let proxy: TcpProxy;
  beforeAll(async () => {
    // The log counts these errors for a minute, and would then write about them in a test of another file.
    globalThis.setTimeout = ((...args: Parameters<typeof startTimer>) => {
      const timer = startTimer(...args);
      if (args[1] === 60_000) logTimers.push(timer);
      return timer;
    }) as typeof startTimer;
    proxy = await TcpProxy.start(db.url);
    await setApiDatabaseUrl(proxy.url);
  });
  afterAll(async () => {
    globalThis.setTimeout = startTimer;
    for (const timer of logTimers) clearTimeout(timer);
    await setApiDatabaseUrl(db.url);
    await proxy.close();
  });

  /** Calls an operation, with an `Idempotency-Key` if it is a POST, and expects 503. */
  async function expectUnavailable(operation: Operation, key: string): Promise<void> {
    const startedAt = performance.now();
    const headers = { 'idempotency-key': key };
    const response = await callOperation(operation, { token, headers });
    expect([response.status, response.json.code], operation.id).toEqual([503, 'unavailable']);
    expect(Number(response.headers.get('retry-after')), operation.id).toBeGreaterThan(0);
    expect(performance.now() - startedAt, operation.id).toBeLessThan(MAX_OUTAGE_RESPONSE_MS);
    expect(response.text).not.toMatch(/timeout|127\.0\.0\.1/);
  }

  /** The outages are logged as errors. */
  const expectLoggedErrors = () => {
    const logged = vi.mocked(process.stderr.write).mock.calls.map(([text]) => String(text));
    expect(logged.filter((line) => line.includes('"level":"error"')).join('')).toContain('api.error');
    vi.mocked(process.stderr.write).mockClear();
  };

  it('does not respond, responds with 503 in time and changes nothing', async () => {
    const create = OPERATIONS.find((operation) => operation.id === 'createApiAccount') as Operation;
    await expectUnchanged(async () => {
      proxy.mode = 'silent';
      // A query on an open connection would only fail after 8 seconds.
      if (atScale({ normal: true, soak: false })) proxy.breakConnections();
      // The document is the only one that needs no database.
      const affected = OPERATIONS.filter((operation) => operation.id !== 'getOpenApiDocument');
      await Promise.all(affected.map((operation) => expectUnavailable(operation, `silent-${operation.id}`)));
      proxy.mode = 'open';
    });
    expectLoggedErrors();
    const headers = { 'idempotency-key': `silent-${create.id}` };
    const body = { ...(BODIES[create.id] as object), username: 'After the outage' };
    const repeated = await callOperation(create, { token, headers, body });
    expect([repeated.status, repeated.headers.get('idempotent-replayed')]).toEqual([201, null]);
  });

  it('is lost before a change commits, responds with 503 and changes nothing', async () => {
    const count = async (condition: string) => {
      const query = `select 1 from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`;
      return (await db.pool.query(`${query} and ${condition}`)).rowCount;
    };
    for (const operation of authorized.filter(({ method }) => method !== 'get')) {
      await PREPARATIONS[operation.id]?.();
      await expectUnchanged(async () => {
        const lock = await db.pool.connect();
        try {
          // Each change records an event in its transaction.
          await lock.query('begin; lock table audit_events in exclusive mode');
          const response = expectUnavailable(operation, `lost-${operation.id}`);
          const isWaiting = { message: operation.id, timeout: MAX_OUTAGE_RESPONSE_MS };
          await expect.poll(() => count("wait_event_type = 'Lock'"), isWaiting).toBe(1);
          proxy.breakConnections();
          await response;
        } finally {
          await lock.query('rollback');
          lock.release();
        }
        await expect.poll(() => count("state <> 'idle'")).toBe(0);
      });
    }
    vi.mocked(process.stderr.write).mockClear();
  });
});

/** Fewer requests than the rate limit of a token allows in a minute. */
const REQUESTS_PER_TOKEN = 400;
const RUNS = atScale({ normal: 12, soak: 1_000 });
const PUBLIC_RUNS = atScale({ normal: 12, soak: 10_000 });

/** Another one for each request without an access token, because the IP address limits those. */
const createIpAddress = () => `10.${[0, 0, 0].map(() => Math.floor(Math.random() * 256)).join('.')}`;

const createValidRequest = ({ id }: Operation) => ({
  query: {},
  headers: { 'content-type': 'application/json' },
  body: id in BODIES ? JSON.stringify(BODIES[id]) : undefined,
});

describe('generated requests', () => {
  for (const operation of [...authorized, reportLeakedKeys]) {
    it(`of ${operation.id} get responses as documented, and no server error`, async () => {
      const document = getOpenApiDocument();
      const described = document.paths?.[operation.path]?.[operation.method] as DescribedOperation;
      const components = (document.components?.schemas ?? {}) as Parameters<typeof generateRequests>[1];
      const statuses = new Set<number>();
      let sent = 0;
      let current = token;
      await fc.assert(
        fc.asyncProperty(
          generateRequests(described, components),
          fc.constantFrom<'existing' | 'deleted' | 'malformed'>(
            ...(['existing', 'existing', 'existing', 'existing', 'deleted', 'malformed'] as const),
          ),
          async ({ query, headers, body }, kind) => {
            const id = { ...getIds(operation), malformed: 'x' }[kind];
            if (sent++ % REQUESTS_PER_TOKEN === 0) current = await createToken(...ACCESS_TOKEN_SCOPES);
            await PREPARATIONS[operation.id]?.();
            const target = `${operation.path.replace('{id}', id)}?${new URLSearchParams(query)}`;
            const { status } = await callApi(operation.method.toUpperCase(), target, {
              token: current,
              headers: { 'x-stagedoor-address': createIpAddress(), ...headers },
              body,
            });
            expect(status).toBeLessThan(500);
            statuses.add(status);
            if (status === 204) await REPLACEMENTS[operation.id]?.();
          },
        ),
        // Of few generated requests, perhaps none is valid.
        {
          numRuns: operation === reportLeakedKeys ? PUBLIC_RUNS : RUNS,
          examples: [[createValidRequest(operation), 'existing']],
        },
      );
      expect(
        [...statuses].some((status) => status < 300),
        `some succeed: ${[...statuses]}`,
      ).toBe(true);
    });
  }
});

describe('the OpenAPI document', () => {
  it('describes no status that the requests above did not get, except those of limits and outages', () => {
    const document = getOpenApiDocument();
    const described = OPERATIONS.flatMap(({ id: operationId, path, method }) =>
      Object.keys(document.paths?.[path]?.[method]?.responses ?? {}).map(
        (status) => `${operationId} ${status}`,
      ),
    );
    const missing = described.filter((each) => !receivedResponses.has(each) && !/ (409|429|503)$/.test(each));
    expect(missing).toEqual([]);
  });
});

async function createAccount(username: string): Promise<string> {
  const body = { username, email: 'it@example.com', phone: '+447894123456' };
  return (await callApi('POST', '/api/v1/api-accounts', { token, body })).json.id;
}

/** Creates an endpoint with a delivery. */
async function createEndpoint(): Promise<{ id: string; deliveryId: string }> {
  const { createWebhookEndpoint: body } = BODIES;
  const { json } = await callApi('POST', '/api/v1/webhook-endpoints', { token, body });
  const test = await callApi('POST', `/api/v1/webhook-endpoints/${json.id}/test`, { token });
  return { id: json.id, deliveryId: test.json.deliveryId };
}

/** Makes an operation possible, any number of times. */
const PREPARATIONS: Record<string, () => Promise<unknown>> = {
  resendMessages: () =>
    db.pool.query(
      `update reveals set emails_resent = 0, sms_resent = 0, email_queued_at = now() - interval '1 hour',
         code_issued_at = now() - interval '1 hour' where account_id = $1`,
      [ids['api-accounts']?.existing],
    ),
  createWebhookEndpoint: () =>
    db.pool.query('delete from webhook_endpoints where id <> $1', [ids['webhook-endpoints']?.existing]),
  redeliverWebhook: async () => {
    await db.pool.query('update webhook_endpoints set disabled_at = null, disabled_reason = null');
    await db.pool.query(
      "update webhook_deliveries set state = 'failed', next_attempt_at = null, ended_at = now()",
    );
  },
};

/** Creates something in place of what an operation has deleted, because the next requests need it. */
const REPLACEMENTS: Record<string, () => Promise<unknown>> = {
  deleteApiAccount: async () => {
    const { existing: id, deleted } = getIds({ path: '/api/v1/api-accounts' });
    await db.pool.query('delete from deleted_api_accounts where id = $1', [id]);
    token = await createToken(...ACCESS_TOKEN_SCOPES);
    ids['api-accounts'] = { existing: await createAccount(`Existing ${crypto.randomUUID()}`), deleted };
  },
  deleteWebhookEndpoint: async () => {
    token = await createToken(...ACCESS_TOKEN_SCOPES);
    const { id, deliveryId } = await createEndpoint();
    for (const [kind, existing] of [
      ['webhook-endpoints', id],
      ['webhook-deliveries', deliveryId],
    ] as const)
      ids[kind] = { existing, deleted: ids[kind]?.deleted ?? '' };
  },
};
