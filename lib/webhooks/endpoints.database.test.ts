import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { withTransaction } from '#db/with-transaction.ts';
import type { AccessTokenScope } from '#lib/platform/authorization/actor.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { createTestActor } from '#lib/testing/access-tokens.ts';
import { createTestAccount, createTestAdministrator } from '#lib/testing/accounts.ts';
import { recordWebhookEvent } from '#lib/webhook-events/record.ts';
import { createWebhookEndpoint, MAX_WEBHOOK_ENDPOINTS } from './create.ts';
import { deleteWebhookEndpoint } from './delete.ts';
import { listWebhookDeliveries, readWebhookDelivery, webhookDeliveryCursorSchema } from './deliveries.ts';
import { listWebhookEndpoints, readWebhookEndpoint } from './list.ts';
import { rotateWebhookSecret } from './rotate-secret.ts';
import type { NewWebhookEndpoint } from './schema.ts';
import { updateWebhookEndpoint } from './update.ts';

const NEW: NewWebhookEndpoint = {
  url: 'https://hooks.example.org/secret-path',
  description: 'SIEM',
  eventTypes: ['api_key.reset', 'audit.event'],
};
const SECRET = /^whsec_[A-Za-z0-9+/]{43}=$/;

let db: TestDatabase;
let administrator: Administrator;
beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
});
afterAll(() => db.drop());
beforeEach(async () => {
  settings().isEmbedded = false;
  await db.pool.query('truncate webhook_endpoints, webhook_events cascade');
});
afterEach(() => {
  settings().isEmbedded = true;
});

async function create(fields: Partial<NewWebhookEndpoint> = {}) {
  const created = await createWebhookEndpoint(db.database, administrator, { ...NEW, ...fields });
  if (!created.ok) throw new Error(created.reason);
  return created;
}

async function readEvents() {
  const { rows } = await db.pool.query<{ action: string; details: Record<string, unknown> }>(
    "select action, details from audit_events where action like 'webhook%' order by position desc",
  );
  return rows;
}

const readEndpoint = (id: string) => readWebhookEndpoint(db.database, administrator, id);

/** Creates an access token that may manage webhooks, and has other scopes. */
async function createTokenActor(scopes: AccessTokenScope[] = []) {
  const actor = await createTestActor(db.database, 'webhooks:write');
  return { ...actor, scopes: [...actor.scopes, ...scopes] };
}

describe('createWebhookEndpoint', () => {
  it('returns a secret, stores it sealed, and records who created the endpoint', async () => {
    const { id, secret } = await create();
    expect(secret).toMatch(SECRET);
    const { rows } = await db.pool.query('select w::text as row, secret from webhook_endpoints w');
    expect(rows[0].row).not.toContain(secret.slice(6, 30));
    expect(rows[0].secret.includes(Buffer.from(secret))).toBe(false);
    expect(await listWebhookEndpoints(db.database, administrator)).toEqual([
      {
        ...NEW,
        id,
        enabled: true,
        disabledReason: null,
        disabledAt: null,
        failingSince: null,
        createdAt: expect.any(Date),
        createdBy: administrator.name,
        updatedAt: expect.any(Date),
        updatedBy: administrator.name,
        version: 1,
        previousSecretExpiresAt: null,
        lastDeliveryAt: null,
      },
    ]);
    const [event] = await readEvents();
    expect(event).toEqual({
      action: 'webhook_endpoint.created',
      details: {
        webhookEndpointId: id,
        webhookEndpoint: 'https://hooks.example.org',
        eventTypes: 'api_key.reset audit.event',
      },
    });
    expect(JSON.stringify(await readEvents())).not.toContain('secret-path');
  });

  it('requires recent authentication, and an administrator who is one still', async () => {
    const stale = { ...administrator, hasRecentAuth: false };
    expect(await createWebhookEndpoint(db.database, stale, NEW)).toMatchObject({
      reason: 'reauthentication_required',
    });
    const former = await createTestAdministrator(db.database, 'Former');
    await db.pool.query('update users set role = null where id = $1', [former.userId]);
    expect(await createWebhookEndpoint(db.database, former, NEW)).toMatchObject({ reason: 'wrong_role' });
    expect(await listWebhookEndpoints(db.database, administrator)).toEqual([]);
  });

  it('accepts only public https addresses outside embedded mode', async () => {
    for (const url of [
      'http://hooks.example.org/',
      'https://127.0.0.1/',
      'https://[::ffff:10.0.0.1]/',
      'https://localhost:8443/',
    ])
      expect(await createWebhookEndpoint(db.database, administrator, { ...NEW, url })).toMatchObject({
        reason: 'invalid',
        fieldErrors: { url: expect.any(String) },
      });
  });

  it('gives an access token no events that it may not read', async () => {
    const attempts: [AccessTokenScope[], NewWebhookEndpoint['eventTypes'], string | null][] = [
      [[], ['api_key.reset'], 'accounts:read'],
      [[], ['delivery.failed'], 'accounts:read'],
      [['accounts:read'], ['api_account.created', 'audit.event'], 'audit:read'],
      [['accounts:read', 'audit:read'], ['api_account.created', 'audit.event'], null],
    ];
    for (const [scopes, eventTypes, scope] of attempts) {
      const actor = await createTokenActor(scopes);
      const result = await createWebhookEndpoint(db.database, actor, { ...NEW, eventTypes });
      expect(result).toMatchObject(scope ? { reason: 'scope_required', scope } : { ok: true });
    }
  });

  it('never exceeds the limit, however many are created at the same time', async () => {
    const results = await Promise.all(
      Array.from({ length: MAX_WEBHOOK_ENDPOINTS + 5 }, () =>
        createWebhookEndpoint(db.database, administrator, NEW),
      ),
    );
    expect(results.filter(({ ok }) => ok)).toHaveLength(MAX_WEBHOOK_ENDPOINTS);
    expect(results.filter((result) => !result.ok && result.reason === 'too_many')).toHaveLength(5);
  });
});

describe('updateWebhookEndpoint', () => {
  it('changes only the submitted fields, and records what changed', async () => {
    const { id } = await create();
    const url = 'https://other.example.org/hooks';
    expect(await updateWebhookEndpoint(db.database, administrator, { id, url })).toEqual({ ok: true });
    expect(await readEndpoint(id)).toMatchObject({ ...NEW, url });
    const [event] = await readEvents();
    expect(event).toMatchObject({
      action: 'webhook_endpoint.edited',
      details: {
        before: { webhookEndpoint: 'https://hooks.example.org' },
        after: { webhookEndpoint: 'https://other.example.org' },
      },
    });
    expect(await updateWebhookEndpoint(db.database, administrator, { id: randomUUID(), url })).toMatchObject({
      reason: 'not_found',
    });
  });

  it('does not overwrite a change that the actor has not seen', async () => {
    const { id } = await create();
    const update = (version: number, description: string) =>
      updateWebhookEndpoint(db.database, administrator, { id, version, description });
    expect(await update(1, 'First')).toEqual({ ok: true });
    expect(await update(1, 'Second')).toMatchObject({
      reason: 'changed',
      current: { description: 'First', version: 2, updatedBy: administrator.name },
    });
    // A change without effect is not a new version.
    expect(await update(2, 'First')).toEqual({ ok: true });
    expect(await update(2, 'Second')).toEqual({ ok: true });
    expect(await readEndpoint(id)).toMatchObject({ description: 'Second', version: 3 });
  });

  it('requires recent authentication and the scopes for what sends events somewhere new, but not to disable', async () => {
    const { id } = await create();
    const url = 'https://attacker.example.org/';
    const stale = { ...administrator, hasRecentAuth: false };
    const actor = await createTokenActor(['accounts:read']);
    for (const change of [{ url }, { eventTypes: [...NEW.eventTypes, 'api_key.leaked' as const] }]) {
      expect(await updateWebhookEndpoint(db.database, stale, { id, ...change })).toMatchObject({
        reason: 'reauthentication_required',
      });
      expect(await updateWebhookEndpoint(db.database, actor, { id, ...change })).toMatchObject({
        reason: 'scope_required',
        scope: 'audit:read',
      });
    }
    expect(await updateWebhookEndpoint(db.database, actor, { id, enabled: false })).toEqual({ ok: true });
    // The URL of a disabled endpoint, too: it can be enabled later.
    expect(await updateWebhookEndpoint(db.database, actor, { id, url })).toMatchObject({ ok: false });
    expect(await updateWebhookEndpoint(db.database, actor, { id, enabled: true })).toMatchObject({
      ok: false,
    });
    expect(await updateWebhookEndpoint(db.database, stale, { id, eventTypes: ['audit.event'] })).toEqual({
      ok: true,
    });
    expect(await readEndpoint(id)).toMatchObject({
      url: NEW.url,
      enabled: false,
      disabledReason: 'administrator',
    });
  });
});

describe('rotateWebhookSecret', () => {
  it('returns a new secret, and keeps the previous one for as long as chosen', async () => {
    const { id, secret } = await create();
    const rotated = await rotateWebhookSecret(db.database, administrator, { id, hours: 24 });
    if (!rotated.ok) throw new Error(rotated.reason);
    expect(rotated.secret).toMatch(SECRET);
    expect(rotated.secret).not.toBe(secret);
    expect(await readEndpoint(id)).toMatchObject({
      previousSecretExpiresAt: rotated.previousSecretExpiresAt,
    });
    expect(await rotateWebhookSecret(db.database, administrator, { id, hours: 0 })).toMatchObject({
      previousSecretExpiresAt: null,
    });
    expect(await readEndpoint(id)).toMatchObject({ previousSecretExpiresAt: null });
    const stale = { ...administrator, hasRecentAuth: false };
    expect(await rotateWebhookSecret(db.database, stale, { id, hours: 0 })).toMatchObject({
      reason: 'reauthentication_required',
    });
  });
});

describe('deleteWebhookEndpoint', () => {
  it('deletes the endpoint with its deliveries', async () => {
    const { id } = await create();
    // Its audit events are sent to the endpoint.
    await createTestAccount(db.database, administrator);
    expect((await db.pool.query('select from webhook_deliveries')).rowCount).toBeGreaterThan(0);
    expect(await deleteWebhookEndpoint(db.database, administrator, { id })).toEqual({ ok: true });
    expect(await deleteWebhookEndpoint(db.database, administrator, { id })).toMatchObject({ ok: false });
    expect((await db.pool.query('select from webhook_deliveries')).rowCount).toBe(0);
  });
});

describe('listWebhookDeliveries', () => {
  it('lists pages, newest first, and shows an access token no body that it may not read', async () => {
    const { id } = await create({ eventTypes: ['api_key.reset'] });
    const account = await createTestAccount(db.database, administrator);
    for (let index = 0; index < 5; index += 1)
      await withTransaction(db.database, async (transaction) =>
        recordWebhookEvent(transaction, { type: 'api_key.reset', account: account.id }),
      );
    const actor = await createTokenActor();
    const seen: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await listWebhookDeliveries(db.database, actor, { endpointId: id, limit: 2, cursor });
      seen.push(...page.data.map((delivery) => delivery.id));
      if (page.nextCursor === null) break;
      cursor = webhookDeliveryCursorSchema.parse(page.nextCursor);
    }
    expect(seen).toHaveLength(5);
    expect(seen).toEqual(seen.toSorted().toReversed());
    const [first = ''] = seen;
    expect(await readWebhookDelivery(db.database, actor, first)).toMatchObject({
      reason: 'scope_required',
      scope: 'accounts:read',
    });
    expect(
      await readWebhookDelivery(db.database, await createTokenActor(['accounts:read']), first),
    ).toMatchObject({
      ok: true,
      attempts: [],
    });
    const failed = { endpointId: id, state: 'failed' as const, limit: 10 };
    expect(await listWebhookDeliveries(db.database, actor, failed)).toEqual({ data: [], nextCursor: null });
  });
});
