import { eq, sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { webhookEndpoints } from '#db/schema/webhooks.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { type Actor, getActorId, getAuditActor } from '#lib/platform/authorization/actor.ts';
import type { ReauthenticationRequired, Refusal } from '#lib/platform/authorization/roles.ts';
import { describeEndpoint } from './describe-endpoint.ts';
import type { SecretRotation } from './schema.ts';
import { encryptWebhookSecret, generateWebhookSecret } from './secret.ts';
import { withEndpointChange } from './with-endpoint-change.ts';

export type RotateWebhookSecretResult =
  /** `secret` can be shown only now. `previousSecretExpiresAt`: null if the previous secret has ended. */
  | { ok: true; secret: string; previousSecretExpiresAt: Date | null }
  | { ok: false; reason: 'not_found' }
  | ReauthenticationRequired
  | Refusal;

/**
 * Gives an endpoint a new secret. During the overlap, its events are signed with the previous secret, too; the one before
 * that ends now. Requires recent authentication.
 */
export async function rotateWebhookSecret(
  database: Database,
  actor: Actor<'webhooks:write'>,
  { id, hours }: SecretRotation,
): Promise<RotateWebhookSecretResult> {
  if (!actor.hasRecentAuth) return { ok: false, reason: 'reauthentication_required' };
  const secret = generateWebhookSecret();
  return withEndpointChange(database, actor, async (transaction): Promise<RotateWebhookSecretResult> => {
    const [rotated] = await transaction
      .update(webhookEndpoints)
      .set({
        secret: encryptWebhookSecret(id, secret),
        // In an UPDATE, this is the former secret.
        previousSecret: hours > 0 ? sql`${webhookEndpoints.secret}` : null,
        previousSecretExpiresAt: hours > 0 ? sql`now() + make_interval(hours => ${hours})` : null,
        updatedAt: sql`now()`,
        updatedBy: getActorId(actor),
        version: sql`${webhookEndpoints.version} + 1`,
      })
      .where(eq(webhookEndpoints.id, id))
      .returning({
        url: webhookEndpoints.url,
        previousSecretExpiresAt: webhookEndpoints.previousSecretExpiresAt,
      });
    if (!rotated) return { ok: false, reason: 'not_found' };
    const { url, previousSecretExpiresAt } = rotated;
    recordAuditEvent(transaction, 'webhook_endpoint.secret_rotated', {
      ...getAuditActor(actor),
      details: { ...describeEndpoint({ id, url }), previousSecretExpiresAt },
    });
    return { ok: true, secret, previousSecretExpiresAt };
  });
}
