import { requireAdministratorForPolling } from '#lib/identity/sessions/require-role.ts';
import { readTimeline } from '#lib/key-delivery/timeline/read.ts';
import { timelineSchema } from '#lib/key-delivery/timeline/schema.ts';
import { REFUSAL_STATUS } from '#lib/platform/authorization/status.ts';
import { database } from '#lib/platform/database.ts';

const respondWithJson = (body: object, status = 200) =>
  Response.json(body, { status, headers: { 'cache-control': 'no-store' } });

/**
 * Returns an account's timeline to the editor, which polls it. This is not a server action, because server actions run
 * one at a time, so polling would delay a save. Polling does not extend the session.
 */
export async function GET(_request: Request, { params }: { params: Promise<{ id: string }> }) {
  const access = await requireAdministratorForPolling();
  if (!access.ok) return respondWithJson({ reason: access.reason }, REFUSAL_STATUS[access.reason]);
  const parsed = timelineSchema.safeParse(await params);
  const timeline = parsed.success ? await readTimeline(database(), access.administrator, parsed.data) : null;
  return timeline ? respondWithJson(timeline) : respondWithJson({ reason: 'not_found' }, 404);
}
