import { and, desc, eq, gt, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Database } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { messages } from '#db/schema/messages.ts';
import { reveals } from '#db/schema/reveals.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { parseMobile } from '#lib/platform/phone-numbers/mobile.ts';
import { countryName } from './countries.ts';

/** Period of the list. */
export const BLOCKED_DAYS = 7;
/** Maximum length of the list. */
export const MAX_BLOCKED = 50;

export type BlockedSms = {
  id: string;
  at: Date;
  account: { id: string; username: string };
  /** The last three digits of the number. */
  phoneEnd: string;
  /** Name of the number's country; null if unknown. */
  country: string | null;
  /** Why the SMS was blocked, for the end of a sentence. */
  failure: string;
};

/**
 * Returns a lower bound for the ids to scan, so that the query uses the primary key instead of reading all messages.
 * UUIDv7 ids use the clocks of our processes; the extra day allows for clock skew.
 */
function minId(): string {
  const msecs = Date.now() - (BLOCKED_DAYS + 1) * 24 * 60 * 60 * 1_000;
  return uuidv7({ msecs, seq: 0, random: new Uint8Array(16) });
}

function findCountryName(phone: string): string | null {
  const number = parseMobile(phone, settings().organisationCountry);
  return number.ok ? countryName(number.country) : null;
}

/** Lists the SMS that the SMS policy blocked in the last days, newest first. */
export async function listBlockedSms(
  database: Database,
  _administrator: Administrator,
): Promise<BlockedSms[]> {
  const rows = await database
    .select({
      id: messages.id,
      at: messages.endedAt,
      failure: messages.failure,
      phone: reveals.phone,
      accountId: apiAccounts.id,
      username: apiAccounts.username,
    })
    .from(messages)
    .innerJoin(reveals, eq(reveals.id, messages.revealId))
    .innerJoin(apiAccounts, eq(apiAccounts.id, reveals.accountId))
    .where(
      and(
        gt(messages.id, minId()),
        eq(messages.state, 'refused'),
        gt(messages.endedAt, sql`now() - make_interval(days => ${BLOCKED_DAYS})`),
      ),
    )
    .orderBy(desc(messages.endedAt))
    .limit(MAX_BLOCKED);
  return rows.map(({ id, at, failure, phone, accountId, username }) => ({
    id,
    at: at ?? new Date(0),
    account: { id: accountId, username },
    phoneEnd: phone.slice(-3),
    country: findCountryName(phone),
    failure: failure ?? '',
  }));
}
