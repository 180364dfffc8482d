import { isDeepStrictEqual } from 'node:util';
import { eq, sql } from 'drizzle-orm';
import type { Database, Transaction } from '#db/client.ts';
import { webhookEndpoints } from '#db/schema/webhooks.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { type Actor, getActorId, getAuditActor } from '#lib/platform/authorization/actor.ts';
import type { ReauthenticationRequired, Refusal } from '#lib/platform/authorization/roles.ts';
import { describeEndpoint } from './describe-endpoint.ts';
import { endPendingDeliveries } from './end-deliveries.ts';
import { readWebhookEndpoint } from './list.ts';
import { findMissingScope, type ScopeRequired } from './required-scope.ts';
import type { WebhookEndpointChanges, WebhookEndpointDetails } from './schema.ts';
import { findUrlProblem } from './url-policy.ts';
import { withEndpointChange } from './with-endpoint-change.ts';

export type UpdateWebhookEndpointResult =
  | { ok: true }
  | { ok: false; reason: 'not_found' }
  /** `current`: the endpoint after another actor has changed it. */
  | { ok: false; reason: 'changed'; current: WebhookEndpointDetails }
  | { ok: false; reason: 'invalid'; fieldErrors: { url: string } }
  | ScopeRequired
  | ReauthenticationRequired
  | Refusal;

type Fields = { url: string; description: string; eventTypes: string[]; enabled: boolean };

async function lockEndpoint(
  transaction: Transaction,
  id: string,
): Promise<(Fields & { version: number }) | undefined> {
  const [endpoint] = await transaction
    .select({
      url: webhookEndpoints.url,
      description: webhookEndpoints.description,
      eventTypes: webhookEndpoints.eventTypes,
      version: webhookEndpoints.version,
      enabled: sql<boolean>`${webhookEndpoints.disabledAt} is null`,
    })
    .from(webhookEndpoints)
    .where(eq(webhookEndpoints.id, id))
    .for('no key update');
  return endpoint;
}

/** Returns whether the change sends events somewhere that did not get them before. */
const sendsMore = (before: Fields, after: Fields) =>
  after.enabled &&
  (!before.enabled ||
    before.url !== after.url ||
    after.eventTypes.some((type) => !before.eventTypes.includes(type)));

/** Checks what the schema cannot. Only a URL that changes, so that an endpoint can be disabled after a setting changed. */
function findRefusal(
  actor: Actor<'webhooks:write'>,
  before: Fields,
  after: Fields,
): Exclude<UpdateWebhookEndpointResult, { ok: true }> | null {
  const isRedirected = before.url !== after.url || sendsMore(before, after);
  const missingScope = isRedirected ? findMissingScope(actor, after.eventTypes) : null;
  if (missingScope) return missingScope;
  const problem = isRedirected ? findUrlProblem(after.url) : undefined;
  if (problem) return { ok: false, reason: 'invalid', fieldErrors: { url: problem } };
  return isRedirected && !actor.hasRecentAuth ? { ok: false, reason: 'reauthentication_required' } : null;
}

/** Records audit events for the differences: changed values, and that the endpoint was enabled or disabled. */
function recordDifferences(
  transaction: Transaction,
  actor: Actor<'webhooks:write'>,
  id: string,
  { before, after }: { before: Fields; after: Fields },
): void {
  const endpoint = describeEndpoint({ id, url: after.url });
  const types = { before: before.eventTypes.join(' '), after: after.eventTypes.join(' ') };
  const [isUrlChanged, isTypesChanged] = [before.url !== after.url, types.before !== types.after];
  if (isUrlChanged || isTypesChanged || before.description !== after.description) {
    const pick = (url: string, eventTypes: string) => ({
      // The path may have changed, too.
      ...(isUrlChanged && { webhookEndpoint: new URL(url).origin }),
      ...(isTypesChanged && { eventTypes }),
    });
    const details = {
      ...endpoint,
      before: pick(before.url, types.before),
      after: pick(after.url, types.after),
    };
    recordAuditEvent(transaction, 'webhook_endpoint.edited', { ...getAuditActor(actor), details });
  }
  if (before.enabled === after.enabled) return;
  const action = after.enabled ? 'webhook_endpoint.enabled' : 'webhook_endpoint.disabled';
  const details = { ...endpoint, ...(!after.enabled && { reason: 'administrator' }) };
  recordAuditEvent(transaction, action, { ...getAuditActor(actor), details });
}

/**
 * Updates a webhook endpoint. A change that sends events somewhere new requires recent authentication. When it is disabled,
 * its pending deliveries fail; when it is enabled again, it gets the events from then on. With a version, changes nothing if
 * the endpoint has another one.
 */
export async function updateWebhookEndpoint(
  database: Database,
  actor: Actor<'webhooks:write'>,
  { id, version, ...changes }: WebhookEndpointChanges,
): Promise<UpdateWebhookEndpointResult> {
  return withEndpointChange(database, actor, async (transaction): Promise<UpdateWebhookEndpointResult> => {
    const locked = await lockEndpoint(transaction, id);
    if (!locked) return { ok: false, reason: 'not_found' };
    const { version: currentVersion, ...before } = locked;
    if (version !== undefined && version !== currentVersion) {
      const current = await readWebhookEndpoint(transaction, actor, id);
      return current ? { ok: false, reason: 'changed', current } : { ok: false, reason: 'not_found' };
    }
    const after: Fields = {
      url: changes.url ?? before.url,
      description: changes.description ?? before.description,
      eventTypes: changes.eventTypes ?? before.eventTypes,
      enabled: changes.enabled ?? before.enabled,
    };
    if (isDeepStrictEqual(before, after)) return { ok: true };
    const refusal = findRefusal(actor, before, after);
    if (refusal) return refusal;
    const { enabled, ...fields } = after;
    const isToggled = before.enabled !== enabled;
    await transaction
      .update(webhookEndpoints)
      .set({
        ...fields,
        ...(isToggled && {
          disabledAt: enabled ? null : sql`now()`,
          disabledReason: enabled ? null : ('administrator' as const),
        }),
        // So that an endpoint that is repaired has another five days.
        ...((isToggled || before.url !== after.url) && { failingSince: null }),
        updatedAt: sql`now()`,
        updatedBy: getActorId(actor),
        version: sql`${webhookEndpoints.version} + 1`,
      })
      .where(eq(webhookEndpoints.id, id));
    if (isToggled && !enabled) await endPendingDeliveries(transaction, id);
    recordDifferences(transaction, actor, id, { before, after });
    return { ok: true };
  });
}
