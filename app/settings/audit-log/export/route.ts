import type { NextRequest } from 'next/server';
import { exportAuditLog } from '#lib/audit/export.ts';
import { auditFilterSchema, exportFormatSchema } from '#lib/audit/schema.ts';
import { streamText } from '#lib/audit/stream-text.ts';
import { requireAdministrator } from '#lib/identity/sessions/require-role.ts';
import { REFUSAL_STATUS } from '#lib/platform/authorization/status.ts';
import { database } from '#lib/platform/database.ts';

const TYPES = { csv: 'text/csv; charset=utf-8; header=present', jsonl: 'application/jsonl; charset=utf-8' };

const plain = (status: number, words: string) =>
  new Response(`${words}\n`, { status, headers: { 'content-type': 'text/plain; charset=utf-8' } });

/** The audit log, or what the filters want of it, as a file. */
export async function GET(request: NextRequest): Promise<Response> {
  const asked = await requireAdministrator('exportAuditLog');
  if (!asked.ok) return plain(REFUSAL_STATUS[asked.reason], asked.message);
  const parameters = Object.fromEntries(request.nextUrl.searchParams);
  const format = exportFormatSchema.safeParse(parameters.format);
  if (!format.success) return plain(400, 'The format is csv or jsonl.');
  const filter = auditFilterSchema.parse(parameters);
  const text = await exportAuditLog(database(), asked.administrator, filter, format.data);
  const day = new Date().toISOString().slice(0, 10);
  return new Response(streamText(text), {
    headers: {
      'content-type': TYPES[format.data],
      'content-disposition': `attachment; filename="stagedoor-audit-log-${day}.${format.data}"`,
    },
  });
}
