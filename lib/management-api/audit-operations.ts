import { auditCursorSchema } from '#lib/audit/list.ts';
import { auditEventSchema } from '#lib/audit/resource.ts';
import { strictAuditFilterSchema } from '#lib/audit/schema.ts';
import { defineOperation } from './operation.ts';
import { createPageSchema, limitSchema } from './page.ts';

export const listAuditEvents = defineOperation({
  id: 'listAuditEvents',
  method: 'get',
  path: '/api/v1/audit-events',
  scope: 'audit:read',
  summary: 'Lists the audit log, newest first.',
  query: strictAuditFilterSchema.extend({
    limit: limitSchema,
    cursor: auditCursorSchema.optional().meta({ description: 'The `nextCursor` of the previous page.' }),
  }),
  success: { status: 200, description: 'A page of the audit log.', body: createPageSchema(auditEventSchema) },
  problems: [],
});
