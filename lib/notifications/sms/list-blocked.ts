import { and, desc, eq, gt, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Database } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { messages } from '#db/schema/messages.ts';
import { reveals } from '#db/schema/reveals.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { getCountryName } from './countries.ts';
import { parsePhone } from './policy.ts';

/** How many days the list goes back. */
export const BLOCKED_SMS_DAYS = 7;
/** Maximum number of SMS in the list. */
export const MAX_BLOCKED_SMS = 50;

export type BlockedSms = {
  id: string;
  at: Date;
  account: { id: string; username: string };
  /** The last three digits of the number. */
  phoneEnd: string;
  /** Name of the number's country; null if unknown. */
  country: string | null;
  /** As stored: use `formatBlockReason` to show it. */
  blockedReason: string;
};

/**
 * Returns a lower bound for the ids to scan, so that the query uses the primary key instead of reading all messages.
 * Ids are UUIDv7 and begin with the time of our processes' clocks. The extra day allows for clock skew, and for an SMS
 * that was blocked again: that updates its row, up to 24 hours (a link's lifetime) after it was inserted.
 */
function computeMinId(): string {
  const msecs = Date.now() - (BLOCKED_SMS_DAYS + 1) * 24 * 60 * 60 * 1_000;
  return uuidv7({ msecs, seq: 0, random: new Uint8Array(16) });
}

function findCountryName(phone: string): string | null {
  const number = parsePhone(phone);
  return number.ok ? getCountryName(number.country) : null;
}

/** Lists the newest SMS that the SMS policy blocked in the last `BLOCKED_SMS_DAYS` days, newest first. */
export async function listBlockedSms(
  database: Database,
  _administrator: Administrator,
): Promise<BlockedSms[]> {
  const rows = await database
    .select({
      id: messages.id,
      at: messages.endedAt,
      blockedReason: messages.failure,
      phone: reveals.phone,
      accountId: apiAccounts.id,
      username: apiAccounts.username,
    })
    .from(messages)
    .innerJoin(reveals, eq(reveals.id, messages.revealId))
    .innerJoin(apiAccounts, eq(apiAccounts.id, reveals.accountId))
    .where(
      and(
        gt(messages.id, computeMinId()),
        eq(messages.state, 'refused'),
        gt(messages.endedAt, sql`now() - make_interval(days => ${BLOCKED_SMS_DAYS})`),
      ),
    )
    .orderBy(desc(messages.endedAt))
    .limit(MAX_BLOCKED_SMS);
  return rows.map(({ id, at, blockedReason, phone, accountId, username }) => ({
    id,
    at: at ?? new Date(0),
    account: { id: accountId, username },
    phoneEnd: phone.slice(-3),
    country: findCountryName(phone),
    blockedReason: blockedReason ?? '',
  }));
}
