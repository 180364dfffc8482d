import type { NextRequest } from 'next/server';
import { exportAuditLog } from '#lib/audit/export.ts';
import { auditFilterSchema, exportFormatSchema } from '#lib/audit/schema.ts';
import { streamText } from '#lib/audit/stream-text.ts';
import { requireAdministrator } from '#lib/identity/sessions/require-role.ts';
import { REFUSAL_STATUS } from '#lib/platform/authorization/status.ts';
import { database } from '#lib/platform/database.ts';

const CONTENT_TYPES = {
  csv: 'text/csv; charset=utf-8; header=present',
  jsonl: 'application/jsonl; charset=utf-8',
};

const respondWithText = (status: number, text: string) =>
  new Response(`${text}\n`, { status, headers: { 'content-type': 'text/plain; charset=utf-8' } });

/** Streams the filtered audit log as a file. */
export async function GET(request: NextRequest): Promise<Response> {
  const access = await requireAdministrator('exportAuditLog');
  if (!access.ok) return respondWithText(REFUSAL_STATUS[access.reason], access.message);
  const parameters = Object.fromEntries(request.nextUrl.searchParams);
  const format = exportFormatSchema.safeParse(parameters.format);
  if (!format.success) return respondWithText(400, 'Set format to csv or jsonl.');
  const filter = auditFilterSchema.parse(parameters);
  const text = await exportAuditLog(database(), access.administrator, filter, format.data);
  const date = new Date().toISOString().slice(0, 10);
  return new Response(streamText(text), {
    headers: {
      'content-type': CONTENT_TYPES[format.data],
      'content-disposition': `attachment; filename="stagedoor-audit-log-${date}.${format.data}"`,
    },
  });
}
