import type { NextRequest } from 'next/server';
import { exportApiAccounts } from '#lib/api-accounts/export.ts';
import { accountFilterSchema } from '#lib/api-accounts/list-filter-schema.ts';
import { exportFormatSchema } from '#lib/audit/schema.ts';
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

/** Streams the filtered list of API accounts as a file. */
export async function GET(request: NextRequest): Promise<Response> {
  const access = await requireAdministrator('exportAccounts');
  if (!access.ok) return respondWithText(REFUSAL_STATUS[access.reason], access.message);
  const parameters = Object.fromEntries(request.nextUrl.searchParams);
  // Links of earlier versions name no format.
  const format = exportFormatSchema.default('csv').safeParse(parameters.format);
  if (!format.success) return respondWithText(400, 'Set format to csv or jsonl.');
  const filter = accountFilterSchema.parse(parameters);
  const text = await exportApiAccounts(database(), access.administrator, filter, format.data);
  const date = new Date().toISOString().slice(0, 10);
  return new Response(streamText(text), {
    headers: {
      'content-type': CONTENT_TYPES[format.data],
      'content-disposition': `attachment; filename="stagedoor-api-accounts-${date}.${format.data}"`,
    },
  });
}
