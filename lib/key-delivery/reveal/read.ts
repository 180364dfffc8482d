import { eq, sql } from 'drizzle-orm';
import type { Queryable } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { messages } from '#db/schema/messages.ts';
import { reveals } from '#db/schema/reveals.ts';
import { ATTEMPTS_PER_LINK } from '#lib/account-state/limits.ts';
import { oldKeyEndColumns, toOldKeyEnd } from '#lib/key-delivery/previous-key.ts';
import { readSmsBlock } from '#lib/notifications/sms/policy.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { ATTEMPTS_PER_CODE, CODE_MINUTES, NEW_CODES_PER_LINK, SECONDS_BETWEEN_CODES } from './limits.ts';
import type { RevealView } from './schema.ts';

/**
 * State of a reveal when it was read, by the database's clock. `used`: the key was shown, and no newer reveal has begun.
 * `usedAt`: ISO 8601.
 * `invalid_link`: the reveal is unknown, expired, locked, replaced or not its account's current one.
 */
export type RevealState =
  | { state: 'open'; view: RevealView; isCodeExpired: boolean; hasTooManyAttempts: boolean }
  | { state: 'used'; usedAt: string }
  | { state: 'invalid_link' };

const isoTimestamp = (column: unknown) =>
  sql<string>`to_char((${column}) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** Selects whether the SMS policy blocked every SMS with the current code. */
const isSmsBlocked = sql<boolean>`coalesce((
  select bool_and(${messages.state} = 'refused') from ${messages}
  where ${messages.revealId} = ${reveals.id} and ${messages.codeGeneration} = ${reveals.codeGeneration}
), false)`;

const columns = {
  accountId: reveals.accountId,
  phone: reveals.phone,
  ...oldKeyEndColumns,
  isSmsBlocked,
  isCodeByPhone: sql<boolean>`coalesce(${reveals.readOutGeneration} = ${reveals.codeGeneration}, false)`,
  codeAttempts: reveals.codeAttempts,
  linkAttempts: reveals.linkAttempts,
  newCodes: reveals.newCodes,
  endReason: reveals.endReason,
  usedAt: isoTimestamp(reveals.endedAt),
  isCurrent: sql<boolean>`${apiAccounts.revealId} = ${reveals.id}`,
  isExpired: sql<boolean>`${reveals.expiresAt} <= now()`,
  isCodeExpired: sql<boolean>`${reveals.codeExpiresAt} <= now()`,
  codeExpiresAt: isoTimestamp(reveals.codeExpiresAt),
  codeGeneration: reveals.codeGeneration,
  // The lifetime of a code starts when it is issued, and again with the first delivery attempt of its SMS.
  codeSentAt: isoTimestamp(sql`${reveals.codeExpiresAt} - make_interval(mins => ${CODE_MINUTES})`),
  newCodeAt: isoTimestamp(sql`${reveals.codeIssuedAt} + make_interval(secs => ${SECONDS_BETWEEN_CODES})`),
  linkExpiresAt: isoTimestamp(reveals.expiresAt),
  now: isoTimestamp(sql`now()`),
};

/** Reads the state of a reveal. */
export async function readReveal(database: Queryable, revealId: string): Promise<RevealState> {
  const [row] = await database
    .select(columns)
    .from(reveals)
    .innerJoin(apiAccounts, eq(apiAccounts.id, reveals.accountId))
    .where(eq(reveals.id, revealId));
  if (row?.endReason === 'shown' && row.isCurrent) return { state: 'used', usedAt: row.usedAt };
  if (!row?.isCurrent || row.endReason || row.isExpired || row.linkAttempts >= ATTEMPTS_PER_LINK) {
    return { state: 'invalid_link' };
  }
  const view = {
    organisation: settings().organisationName,
    oldKey: toOldKeyEnd(row),
    phoneEnd: row.phone.slice(-3),
    isCodeByPhone: row.isCodeByPhone,
    isSmsBlocked: row.isSmsBlocked,
    codeExpiresAt: row.codeExpiresAt,
    codeGeneration: row.codeGeneration,
    codeSentAt: row.codeSentAt,
    attemptsLeft: Math.min(ATTEMPTS_PER_CODE - row.codeAttempts, ATTEMPTS_PER_LINK - row.linkAttempts),
    newCodeAt: row.newCodeAt,
    newCodesLeft: NEW_CODES_PER_LINK - row.newCodes,
    newCodeBlock: await readSmsBlock(database, row),
    linkExpiresAt: row.linkExpiresAt,
    now: row.now,
  };
  const hasTooManyAttempts = row.codeAttempts >= ATTEMPTS_PER_CODE;
  return { state: 'open', view, isCodeExpired: row.isCodeExpired, hasTooManyAttempts };
}
