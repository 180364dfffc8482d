import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestAccessToken } from '#lib/testing/access-tokens.ts';
import { type ApiRequest, callApi, createApiDatabase } from '#lib/testing/management-api.ts';
import { MAX_WEBHOOK_ENDPOINTS } from '#lib/webhooks/create.ts';

const ENDPOINTS = '/api/v1/webhook-endpoints';
const BODY = {
  url: 'https://hooks.example.com/stagedoor',
  eventTypes: ['api_key.reset', 'api_account.created'],
};

let db: Awaited<ReturnType<typeof createApiDatabase>>;
let accessToken: Awaited<ReturnType<typeof createTestAccessToken>>;

beforeAll(async () => {
  db = await createApiDatabase();
  accessToken = await createTestAccessToken(db.database, ['webhooks:write', 'accounts:read']);
});
afterAll(() => db.close());

const call = (method: string, path: string, body?: unknown, { headers = {}, token }: ApiRequest = {}) =>
  callApi(method, path, {
    token: token ?? accessToken.token,
    headers,
    ...(body !== undefined && { body }),
  });

async function create(fields: object = {}) {
  const response = await call('POST', ENDPOINTS, { ...BODY, ...fields });
  expect(response.status, response.text).toBe(201);
  return { ...response, path: `${ENDPOINTS}/${response.json.id}` };
}

/** Ends a delivery, as the worker does after a failed attempt. */
async function failDelivery(id: string): Promise<void> {
  await db.pool.query(
    `insert into webhook_attempts (id, delivery_id, duration_ms, status, response_headers, response_body)
     values ($1, $2, 12, 500, '{"content-type":"text/html"}', '<h1>Error</h1>')`,
    [crypto.randomUUID(), id],
  );
  await db.pool.query(
    `update webhook_deliveries set state = 'failed', attempts = 1, next_attempt_at = null, ended_at = now()
     where id = $1`,
    [id],
  );
}

describe('POST /api/v1/webhook-endpoints', () => {
  it('creates an endpoint, and shows its secret in this response only', async () => {
    const { json, headers, path } = await create({ description: 'CRM' });
    const { secret, ...endpoint } = json;
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{20,}=*$/);
    expect(endpoint).toMatchObject({
      url: BODY.url,
      description: 'CRM',
      // In the order of the documentation.
      eventTypes: ['api_account.created', 'api_key.reset'],
      enabled: true,
      disabledReason: null,
      failingSince: null,
      lastDeliveryAt: null,
      version: 1,
    });
    expect([headers.get('location'), headers.get('etag')]).toEqual([path, '"1"']);
    const read = await call('GET', path);
    expect(read.json).toEqual(endpoint);
    const list = await call('GET', ENDPOINTS);
    expect(list.json).toEqual({ data: expect.arrayContaining([endpoint]), nextCursor: null });
    for (const { text } of [read, list]) expect(text).not.toContain('whsec_');
    const { rows } = await db.pool.query(
      "select access_token_id from audit_events where action = 'webhook_endpoint.created'",
    );
    expect(rows).toContainEqual({ access_token_id: accessToken.id });
  });

  it('repeats the secret for the same Idempotency-Key', async () => {
    const headers = { 'idempotency-key': 'create-webhook' };
    const [first, second] = [
      await call('POST', ENDPOINTS, BODY, { headers }),
      await call('POST', ENDPOINTS, BODY, { headers }),
    ];
    expect(second.text).toBe(first.text);
  });

  it.each([
    [{ url: 'hooks.example.com' }, '#/url'],
    [{ url: 'ftp://hooks.example.com/' }, '#/url'],
    [{ url: 'https://10.0.0.1/' }, '#/url'],
    [{ url: 'https://me:secret@hooks.example.com/' }, '#/url'],
    [{ eventTypes: [] }, '#/eventTypes'],
    [{ eventTypes: ['api_key.made'] }, '#/eventTypes/0'],
    [{ description: 'x'.repeat(201) }, '#/description'],
    [{ enabled: false }, '#/enabled'],
    [{ secret: 'whsec_x' }, '#/secret'],
  ])('points at an invalid field: %j', async (fields, pointer) => {
    const { status, json } = await call('POST', ENDPOINTS, { ...BODY, ...fields });
    expect([status, json.code, json.errors[0].pointer]).toEqual([422, 'invalid', pointer]);
  });

  it.each([
    [['webhooks:write'], 'api_key.reset', 'accounts:read'],
    [['webhooks:write', 'accounts:read'], 'audit.event', 'audit:read'],
    [['webhooks:write', 'audit:read'], 'audit.event', null],
  ] as const)('lets a token with %j receive %s only if it may read that', async (scopes, type, missing) => {
    const { token } = await createTestAccessToken(db.database, [...scopes]);
    const { status, json } = await call('POST', ENDPOINTS, { ...BODY, eventTypes: [type] }, { token });
    if (missing === null) expect(status).toBe(201);
    else {
      expect([status, json.code]).toEqual([403, 'insufficient_scope']);
      expect(json.detail).toContain(missing);
    }
  });
});

describe('PATCH /api/v1/webhook-endpoints/{id}', () => {
  it('changes only the given fields, and only the given version', async () => {
    const { json: created, path } = await create({ description: 'Kept' });
    const headers = { 'if-match': '"1"' };
    const changed = await call('PATCH', path, { eventTypes: ['api_key.leaked'] }, { headers });
    expect([changed.status, changed.headers.get('etag')]).toEqual([200, '"2"']);
    expect(changed.json).toMatchObject({ url: created.url, description: 'Kept', version: 2 });
    const conflict = await call('PATCH', path, { enabled: false }, { headers });
    expect([conflict.status, conflict.json.code]).toEqual([412, 'version_mismatch']);
    expect((await call('PATCH', path, {})).json).toEqual(changed.json);
    const invalid = await call('PATCH', path, { url: 'https://localhost/' });
    expect([invalid.status, invalid.json.errors[0].pointer]).toEqual([422, '#/url']);
    expect((await call('GET', path)).json).toEqual(changed.json);
  });

  it('disables and enables the endpoint', async () => {
    const { path } = await create();
    const disabled = await call('PATCH', path, { enabled: false });
    expect(disabled.json).toMatchObject({ enabled: false, disabledReason: 'administrator' });
    expect(disabled.json.disabledAt).not.toBeNull();
    const enabled = await call('PATCH', path, { enabled: true });
    expect(enabled.json).toMatchObject({ enabled: true, disabledReason: null, disabledAt: null });
  });
});

describe('POST /api/v1/webhook-endpoints/{id}/rotate-secret', () => {
  it('returns a new secret, and until when the previous one signs', async () => {
    const { json: created, path } = await create();
    const rotated = await call('POST', `${path}/rotate-secret`);
    expect(rotated.json.secret).toMatch(/^whsec_/);
    expect(rotated.json.secret).not.toBe(created.secret);
    const hours = (Date.parse(rotated.json.previousSecretExpiresAt) - Date.now()) / 3_600_000;
    expect(hours).toBeCloseTo(24, 1);
    const { previousSecretExpiresAt } = (await call('GET', path)).json;
    expect(previousSecretExpiresAt).toBe(rotated.json.previousSecretExpiresAt);
    const ended = await call('POST', `${path}/rotate-secret`, { hours: 0 });
    expect(ended.json.previousSecretExpiresAt).toBeNull();
    expect((await call('GET', path)).json.previousSecretExpiresAt).toBeNull();
  });

  it.each([{ hours: -1 }, { hours: 169 }, { hours: 1.5 }, { hours: '1' }, { hours: null }])(
    'refuses %j',
    async (body) => {
      const { path } = await create();
      const { status, json } = await call('POST', `${path}/rotate-secret`, body);
      expect([status, json.errors[0].pointer]).toEqual([422, '#/hours']);
    },
  );
});

describe('deliveries', () => {
  it('are listed page by page, shown with request and response, and sent again', async () => {
    const { path } = await create();
    const send = async () => {
      const { status, json } = await call('POST', `${path}/test`);
      expect(status).toBe(202);
      return json.deliveryId;
    };
    const [first, second] = [await send(), await send()];
    const page = await call('GET', `${path}/deliveries?limit=1`);
    expect(page.json.data).toMatchObject([
      { id: second, type: 'webhook.test', state: 'pending', attemptCount: 0 },
    ]);
    const next = await call('GET', `${path}/deliveries?limit=1&cursor=${page.json.nextCursor}`);
    expect(next.json).toMatchObject({ data: [{ id: first }], nextCursor: null });

    const delivery = `/api/v1/webhook-deliveries/${first}`;
    const tooEarly = await call('POST', `${delivery}/redeliver`);
    expect([tooEarly.status, tooEarly.json.code]).toEqual([409, 'delivery_pending']);
    await failDelivery(first);
    const { json } = await call('GET', delivery);
    expect(json).toMatchObject({ state: 'failed', attemptCount: 1, nextAttemptAt: null });
    expect(json.attempts).toMatchObject([
      {
        durationMs: 12,
        request: { headers: { 'webhook-id': json.eventId } },
        response: { status: 500, headers: { 'content-type': 'text/html' }, body: '<h1>Error</h1>' },
        error: null,
      },
    ]);
    expect(JSON.parse(json.attempts[0].request.body)).toMatchObject({ type: 'webhook.test' });
    expect((await call('GET', `${path}/deliveries?state=failed`)).json.data).toMatchObject([{ id: first }]);
    expect((await call('POST', `${delivery}/redeliver`)).json).toEqual({ deliveryId: first });
    expect((await call('GET', delivery)).json.state).toBe('pending');

    await call('PATCH', path, { enabled: false });
    const disabled = await call('POST', `${delivery}/redeliver`);
    expect([disabled.status, disabled.json.code]).toEqual([409, 'endpoint_disabled']);
  });

  it('do not show a token what it may not read', async () => {
    const { path } = await create();
    const { deliveryId } = (await call('POST', `${path}/test`)).json;
    await db.pool.query(
      `update webhook_events set type = 'audit.event'
       where id = (select event_id from webhook_deliveries where id = $1)`,
      [deliveryId],
    );
    const { status, json } = await call('GET', `/api/v1/webhook-deliveries/${deliveryId}`);
    expect([status, json.code]).toEqual([403, 'insufficient_scope']);
    expect(json.detail).toContain('audit:read');
  });
});

describe('DELETE /api/v1/webhook-endpoints/{id}', () => {
  it('deletes the endpoint with its deliveries', async () => {
    const { path } = await create();
    const { deliveryId } = (await call('POST', `${path}/test`)).json;
    expect((await call('DELETE', path)).status).toBe(204);
    const missing = [path, `${path}/deliveries`, `/api/v1/webhook-deliveries/${deliveryId}`];
    for (const each of missing) expect((await call('GET', each)).status, each).toBe(404);
  });
});

describe('the limit of endpoints', () => {
  it('refuses a further one', async () => {
    await db.pool.query('delete from webhook_endpoints');
    await db.pool.query(
      `insert into webhook_endpoints (id, url, event_types, secret, created_by, updated_by)
       select gen_random_uuid(), 'https://hooks.example.com/', '{api_key.reset}', '', id, id
       from access_tokens, generate_series(1, $1::int) where id = $2`,
      [MAX_WEBHOOK_ENDPOINTS, accessToken.id],
    );
    const { status, json } = await call('POST', ENDPOINTS, BODY);
    expect([status, json.code]).toEqual([409, 'too_many_endpoints']);
  });
});
