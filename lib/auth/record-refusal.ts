import type { Database } from '#db/client.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAct } from '#lib/audit/record.ts';
import { log } from '#lib/log.ts';
import { createThrottle } from '#lib/throttles/throttle.ts';
import type { Person, Refusal } from './roles.ts';

/** How many refused requests of one person are put on record in an hour: enough to see it, too few to fill a table. */
const RECORDED = { name: 'refusals-on-record', points: 20, seconds: 60 * 60 };

/** How many lines about refused requests a process writes in a minute. */
const LINES_PER_MINUTE = 60;
const MINUTE_MS = 60_000;

let minute = { endsAt: 0, lines: 0 };

type Refused = Pick<Refusal, 'reason'> & {
  /** The action's or route's name, where it is known. */
  requested?: string | undefined;
};

/** Writes a line, unless there were many within this minute; the last one says so. */
function logRefusal({ reason, requested }: Refused, person: Person | null): void {
  const now = performance.now();
  if (now > minute.endsAt) minute = { endsAt: now + MINUTE_MS, lines: 0 };
  minute.lines += 1;
  if (minute.lines > LINES_PER_MINUTE) return;
  const last = minute.lines === LINES_PER_MINUTE ? { moreThisMinute: 'not logged' } : {};
  log.warn('request.refused', {
    reason,
    requested: requested ?? null,
    userId: person?.userId ?? null,
    ...last,
  });
}

/**
 * Tells of a request for an administrator's act that was refused. Somebody who is signed in and lacks the role goes
 * on record, 20 times an hour at most; nobody (no session, an ended one, a foreign page) only into the log.
 */
export async function recordRefusal(
  database: Database,
  refused: Refused,
  person: Person | null,
): Promise<void> {
  logRefusal(refused, person);
  if (refused.reason !== 'wrong_role' || !person) return;
  const { userId, address, role } = person;
  if (!(await createThrottle(database.$client, RECORDED).take(userId)).ok) return;
  const { requested } = refused;
  const details = { role, ...(requested === undefined ? {} : { requested }) };
  await withTransaction(database, async (transaction) =>
    recordAct(transaction, 'request.refused', { userId, address, outcome: 'refused', details }),
  );
}
