import { desc, eq, type SQL, sql } from 'drizzle-orm';
import type { Queryable } from '#db/client.ts';
import { apiAccountUsage } from '#db/schema/api-account-usage.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { messages } from '#db/schema/messages.ts';
import { reveals } from '#db/schema/reveals.ts';
import { describeObjection, objections } from '#lib/address-changes/objections.ts';
import { TRIES_PER_LINK } from '#lib/reveals/limits.ts';
import type { AccountSummary } from './schema.ts';
import { statusOf } from './status.ts';

type Trouble = {
  channel: 'email' | 'sms';
  state: 'queued' | 'failed' | 'refused';
  failure: string;
  unanswered: number;
  /** When it is tried again, as `14:05`, in UTC; null where that is within a minute. */
  again: string | null;
};

/** The newest message of each channel of the present reveal, where it has not gone out as it should. */
const troubles = sql<Trouble[] | null>`(
  select json_agg(json_build_object('channel', m.channel, 'state', m.state, 'failure', m.failure,
    'unanswered', m.unanswered, 'again', case when m.next_attempt_at > now() + interval '1 minute'
      then to_char(m.next_attempt_at at time zone 'UTC', 'HH24:MI') end))
  from (
    select distinct on (${messages.channel}) ${messages.channel}, ${messages.state}, ${messages.failure},
      ${messages.unanswered}, ${messages.nextAttemptAt}
    from ${messages}
    where ${messages.revealId} = ${reveals.id} and ${reveals.endedAt} is null
    order by ${messages.channel}, ${messages.id} desc
  ) m
  where m.failure is not null and m.state in ('queued', 'failed', 'refused')
)`;

const columns = {
  id: apiAccounts.id,
  username: apiAccounts.username,
  usernameFolded: apiAccounts.usernameFolded,
  email: apiAccounts.email,
  phone: apiAccounts.phone,
  active: apiAccounts.active,
  version: apiAccounts.version,
  requestsPerMinute: apiAccounts.requestsPerMinute,
  hasKey: sql<boolean>`${apiAccounts.keyDigest} is not null`,
  lastUsedAt: apiAccountUsage.lastUsedAt,
  revealLocked: sql<boolean>`coalesce(${reveals.endedBecause} = 'locked' or ${reveals.linkTries} >= ${TRIES_PER_LINK}, false)`,
  revealExpired: sql<boolean>`coalesce(${reveals.expiresAt} <= now(), false)`,
  revealEnded: sql<boolean>`coalesce(${reveals.endedAt} is not null, true)`,
  troubles,
  objections,
};

function describeTrouble({ channel, state, failure, unanswered, again }: Trouble): string {
  const what = channel === 'email' ? 'The email' : 'The text';
  if (state === 'refused') return `${what} was not sent: ${failure}`;
  if (state === 'failed') {
    return unanswered > 0
      ? `${what} may not have arrived: ${failure}`
      : `${what} could not be sent: ${failure}`;
  }
  const when = again ? `is tried again at ${again} UTC` : 'is being tried again';
  return `${what} has not gone out yet, and ${when}: ${failure}`;
}

/** An account's summary with what the list is ordered by. */
export type SummaryRow = { summary: AccountSummary; usernameFolded: string };

/** Reads accounts for the administrators' pages, in the order of their usernames. */
export async function readSummaries(
  database: Queryable,
  where: SQL | undefined,
  page: { limit: number; backwards?: boolean },
): Promise<SummaryRow[]> {
  const rows = await database
    .select(columns)
    .from(apiAccounts)
    .leftJoin(apiAccountUsage, eq(apiAccountUsage.accountId, apiAccounts.id))
    .leftJoin(reveals, eq(reveals.id, apiAccounts.revealId))
    .where(where)
    .orderBy(page.backwards ? desc(apiAccounts.usernameFolded) : apiAccounts.usernameFolded)
    .limit(page.limit);
  return rows.map((row) => {
    const {
      usernameFolded,
      hasKey,
      revealLocked,
      revealExpired,
      revealEnded,
      troubles: trouble,
      objections: objected,
      ...rest
    } = row;
    const summary = {
      ...rest,
      status: statusOf({ active: row.active, hasKey, revealLocked, revealExpired }),
      revealUnderWay: !revealEnded && !revealLocked && !revealExpired,
      deliveryFailures: (trouble ?? []).filter(({ state }) => state !== 'refused').map(describeTrouble),
      textRefused: trouble?.find(({ state }) => state === 'refused')?.failure ?? null,
      objections: (objected ?? []).map(describeObjection),
    };
    return { summary, usernameFolded };
  });
}

/** One account; null where there is none with this id. */
export async function readSummary(database: Queryable, id: string): Promise<AccountSummary | null> {
  const [row] = await readSummaries(database, eq(apiAccounts.id, id), { limit: 1 });
  return row?.summary ?? null;
}
