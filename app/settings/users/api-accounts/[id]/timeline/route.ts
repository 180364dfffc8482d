import { requireWatchingAdministrator } from '#lib/auth/require-role.ts';
import { database } from '#lib/database.ts';
import { readTimeline } from '#lib/timelines/read.ts';
import { timelineSchema } from '#lib/timelines/schema.ts';

const STATUS = {
  signed_out: 401,
  wrong_role: 403,
  factor_missing: 403,
  foreign_request: 403,
  own_ways_off: 403,
} as const;

const answer = (body: object, status = 200) =>
  Response.json(body, { status, headers: { 'cache-control': 'no-store' } });

/**
 * An account's timeline, for its editor, which asks again and again while somebody looks. No server action, since
 * these wait for one another, and a Save must not; and no sign of life: it does not keep the session alive.
 */
export async function GET(_request: Request, { params }: { params: Promise<{ id: string }> }) {
  const asked = await requireWatchingAdministrator();
  if (!asked.ok) return answer({ reason: asked.reason }, STATUS[asked.reason]);
  const parsed = timelineSchema.safeParse(await params);
  const timeline = parsed.success ? await readTimeline(database(), asked.administrator, parsed.data) : null;
  return timeline ? answer(timeline) : answer({ reason: 'missing' }, 404);
}
