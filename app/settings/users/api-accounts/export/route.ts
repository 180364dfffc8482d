import type { NextRequest } from 'next/server';
import { exportApiAccounts } from '#lib/api-accounts/export.ts';
import { accountFilterSchema } from '#lib/api-accounts/list-filter-schema.ts';
import { streamText } from '#lib/audit/stream-text.ts';
import { requireAdministrator } from '#lib/identity/sessions/require-role.ts';
import { REFUSAL_STATUS } from '#lib/platform/authorization/status.ts';
import { database } from '#lib/platform/database.ts';

/** Streams the filtered list of API accounts as a file. */
export async function GET(request: NextRequest): Promise<Response> {
  const access = await requireAdministrator('exportAccounts');
  if (!access.ok) {
    const headers = { 'content-type': 'text/plain; charset=utf-8' };
    return new Response(`${access.message}\n`, { status: REFUSAL_STATUS[access.reason], headers });
  }
  const filter = accountFilterSchema.parse(Object.fromEntries(request.nextUrl.searchParams));
  const text = await exportApiAccounts(database(), access.administrator, filter);
  const date = new Date().toISOString().slice(0, 10);
  return new Response(streamText(text), {
    headers: {
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': `attachment; filename="stagedoor-api-accounts-${date}.csv"`,
    },
  });
}
