import { listAuditLog } from '#lib/audit/list.ts';
import { toAuditEvent } from '#lib/audit/resource.ts';
import { listAuditEvents } from '#lib/management-api/audit-operations.ts';
import { handleOperation, refuseOtherMethods } from '#lib/management-api/handle-operation.ts';

export const GET = handleOperation(listAuditEvents, 'audit:read', async ({ database, actor, query }) => {
  const { limit, cursor, ...filter } = query;
  const { entries, older } = await listAuditLog(database, actor, filter, { after: cursor }, limit);
  return { ok: true, body: { data: entries.map(toAuditEvent), nextCursor: older } };
});

export const { POST, PUT, PATCH, DELETE, OPTIONS } = refuseOtherMethods('GET');
