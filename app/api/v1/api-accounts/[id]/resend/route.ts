import { readAccountResource } from '#lib/account-state/resource.ts';
import { resendMessages } from '#lib/key-delivery/reveal/resend.ts';
import type { ResendPartResult, ResendResult } from '#lib/key-delivery/reveal/schema.ts';
import { resend } from '#lib/management-api/account-operations.ts';
import { handleOperation, refuseOtherMethods } from '#lib/management-api/handle-operation.ts';
import { type ApiRefusal, refuse } from '#lib/management-api/problems.ts';

/** Describes the result of resending one message. */
function describePart(part: ResendPartResult | null) {
  if (!part || part.sent) return part;
  const { sent, reason } = part;
  if (reason === 'too_soon') return { sent, reason, detail: `Wait ${part.seconds} seconds.` };
  return reason === 'sms_blocked' ? { sent, reason, detail: part.smsBlockedReason } : { sent, reason };
}

/** Refuses a resend that sent nothing. Only waiting helps if a message was sent just before. */
function refuseUnsent({ email, text }: Extract<ResendResult, { reason: 'not_sent' }>): ApiRefusal {
  const parts = [email, text].filter((part) => part !== null);
  const waits = parts.flatMap((part) => (!part.sent && part.reason === 'too_soon' ? [part.seconds] : []));
  if (waits.length > 0)
    return refuse('too_many_requests', {
      retryAfterSeconds: Math.min(...waits),
      detail: 'A message was sent just before.',
    });
  const reasons = parts
    .map((part) => describePart(part))
    .map((part) => part && 'reason' in part && part.reason);
  return refuse('not_sent', { detail: [...new Set(reasons)].join(', ') });
}

export const POST = handleOperation(resend, 'accounts:write', async ({ database, actor, id, body }) => {
  if (!(await readAccountResource(database, id))) return refuse('not_found');
  const what = body.message === 'sms' ? 'text' : body.message;
  const resent = await resendMessages(database, actor, { id, what });
  if (resent.ok)
    return { ok: true, body: { email: describePart(resent.email), sms: describePart(resent.text) } };
  return resent.reason === 'not_sent' ? refuseUnsent(resent) : refuse('not_in_progress');
});

export const { GET, PUT, PATCH, DELETE, OPTIONS } = refuseOtherMethods('POST');
