import { requireAdministratorForPolling } from '#lib/identity/sessions/require-role.ts';
import { readTimeline } from '#lib/key-delivery/timeline/read.ts';
import { timelineSchema } from '#lib/key-delivery/timeline/schema.ts';
import { REFUSAL_STATUS } from '#lib/platform/authorization/status.ts';
import { database } from '#lib/platform/database.ts';

const answer = (body: object, status = 200) =>
  Response.json(body, { status, headers: { 'cache-control': 'no-store' } });

/**
 * An account's timeline, for its editor, which asks again and again while somebody looks. No server action, since
 * these wait for one another, and a Save must not; and no sign of life: it does not keep the session alive.
 */
export async function GET(_request: Request, { params }: { params: Promise<{ id: string }> }) {
  const asked = await requireAdministratorForPolling();
  if (!asked.ok) return answer({ reason: asked.reason }, REFUSAL_STATUS[asked.reason]);
  const parsed = timelineSchema.safeParse(await params);
  const timeline = parsed.success ? await readTimeline(database(), asked.administrator, parsed.data) : null;
  return timeline ? answer(timeline) : answer({ reason: 'missing' }, 404);
}
