import { sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Database } from '#db/client.ts';
import { webhookEndpoints } from '#db/schema/webhooks.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { type Actor, getActorId, getAuditActor } from '#lib/platform/authorization/actor.ts';
import type { ReauthenticationRequired, Refusal } from '#lib/platform/authorization/roles.ts';
import { describeEndpoint } from './describe-endpoint.ts';
import { findMissingScope, type ScopeRequired } from './required-scope.ts';
import type { NewWebhookEndpoint } from './schema.ts';
import { encryptWebhookSecret, generateWebhookSecret } from './secret.ts';
import { findUrlProblem } from './url-policy.ts';
import { withEndpointChange } from './with-endpoint-change.ts';

/** The number of endpoints that an organisation can have. Each event is sent to all that want it. */
export const MAX_WEBHOOK_ENDPOINTS = 20;

/** An arbitrary number that no other advisory lock uses. */
const LOCK_ID = 7_302_611_932;

export type CreateWebhookEndpointResult =
  /** `secret` can be shown only now. */
  | { ok: true; id: string; secret: string }
  | { ok: false; reason: 'invalid'; fieldErrors: { url: string } }
  | { ok: false; reason: 'too_many' }
  | ScopeRequired
  | ReauthenticationRequired
  | Refusal;

/** Creates a webhook endpoint, which gets the events from the commit on. Requires recent authentication. */
export async function createWebhookEndpoint(
  database: Database,
  actor: Actor<'webhooks:write'>,
  { url, description, eventTypes }: NewWebhookEndpoint,
): Promise<CreateWebhookEndpointResult> {
  const missingScope = findMissingScope(actor, eventTypes);
  if (missingScope) return missingScope;
  const problem = findUrlProblem(url);
  if (problem) return { ok: false, reason: 'invalid', fieldErrors: { url: problem } };
  if (!actor.hasRecentAuth) return { ok: false, reason: 'reauthentication_required' };
  const [id, secret] = [uuidv7(), generateWebhookSecret()];
  return withEndpointChange(database, actor, async (transaction): Promise<CreateWebhookEndpointResult> => {
    // Creations run one after the other, so that two together cannot exceed the limit.
    await transaction.execute(sql`select pg_advisory_xact_lock(${LOCK_ID}::bigint)`);
    if ((await transaction.$count(webhookEndpoints)) >= MAX_WEBHOOK_ENDPOINTS)
      return { ok: false, reason: 'too_many' };
    const by = getActorId(actor);
    await transaction.insert(webhookEndpoints).values({
      id,
      url,
      description,
      eventTypes,
      secret: encryptWebhookSecret(id, secret),
      createdBy: by,
      updatedBy: by,
    });
    recordAuditEvent(transaction, 'webhook_endpoint.created', {
      ...getAuditActor(actor),
      details: { ...describeEndpoint({ id, url }), eventTypes: eventTypes.join(' ') },
    });
    return { ok: true, id, secret };
  });
}
