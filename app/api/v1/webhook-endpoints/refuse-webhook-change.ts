import { type ApiRefusal, refuse, refuseFields } from '#lib/management-api/problems.ts';
import type { CreateWebhookEndpointResult } from '#lib/webhooks/create.ts';
import type { UpdateWebhookEndpointResult } from '#lib/webhooks/update.ts';

type WebhookRefusal = Exclude<CreateWebhookEndpointResult | UpdateWebhookEndpointResult, { ok: true }>;

/** Refuses a change of a webhook endpoint, for the reason that the use case has returned. */
export function refuseWebhookChange(refusal: WebhookRefusal): ApiRefusal {
  switch (refusal.reason) {
    case 'invalid':
      return refuseFields(refusal.fieldErrors);
    case 'scope_required':
      return refuse('insufficient_scope', {
        detail: `To receive these events, the token needs the scope ${refusal.scope}.`,
      });
    case 'too_many':
      return refuse('too_many_endpoints');
    case 'changed':
      return refuse('version_mismatch', { detail: `The current version is "${refusal.current.version}".` });
    case 'not_found':
      return refuse('not_found');
    default:
      // Only a user's session can be refused for another reason.
      throw new Error(refusal.reason);
  }
}
