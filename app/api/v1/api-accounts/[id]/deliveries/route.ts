import { readTimeline } from '#lib/key-delivery/timeline/read.ts';
import { listDeliveries } from '#lib/management-api/account-operations.ts';
import { toDeliveries } from '#lib/management-api/deliveries.ts';
import { handleOperation, refuseOtherMethods } from '#lib/management-api/handle-operation.ts';
import { refuse } from '#lib/management-api/problems.ts';

export const GET = handleOperation(listDeliveries, 'accounts:read', async ({ database, actor, id }) => {
  const timeline = await readTimeline(database, actor, { id });
  return timeline ? { ok: true, body: toDeliveries(timeline) } : refuse('not_found');
});

export const { POST, PUT, PATCH, DELETE, OPTIONS } = refuseOtherMethods('GET');
