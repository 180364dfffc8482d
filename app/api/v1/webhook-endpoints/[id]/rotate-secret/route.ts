import { handleOperation, refuseOtherMethods } from '#lib/management-api/handle-operation.ts';
import { refuse } from '#lib/management-api/problems.ts';
import { rotateSecret } from '#lib/management-api/webhook-operations.ts';
import { rotateWebhookSecret } from '#lib/webhooks/rotate-secret.ts';

export const POST = handleOperation(rotateSecret, 'webhooks:write', async ({ database, actor, id, body }) => {
  const rotated = await rotateWebhookSecret(database, actor, { id, hours: body.hours });
  if (!rotated.ok) return refuse('not_found');
  const { secret, previousSecretExpiresAt } = rotated;
  return {
    ok: true,
    body: { secret, previousSecretExpiresAt: previousSecretExpiresAt?.toISOString() ?? null },
  };
});

export const { GET, PUT, PATCH, DELETE, OPTIONS } = refuseOtherMethods('POST');
