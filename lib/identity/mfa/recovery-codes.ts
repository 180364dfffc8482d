import { createHash, randomBytes } from 'node:crypto';
import { and, desc, eq, isNull, sql } from 'drizzle-orm';
import type { PgBoss } from 'pg-boss';
import { v7 as uuidv7 } from 'uuid';
import type { Queryable, Transaction } from '#db/client.ts';
import { recoveryCodes } from '#db/schema/factors.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { queueMessage } from '#lib/notifications/queue/queue-message.ts';
import { parseRecoveryCode } from '#lib/platform/user-input/code.ts';
import { groupCharacters, toBase32 } from './base32.ts';

const CODE_COUNT = 10;
/**
 * 80 random bits cannot be found by trying all digests, so a fast hash function is enough. A departure: below 112 bits,
 * NIST SP 800-63B-4, 3.1.2.2 asks for a password hashing scheme.
 */
const CODE_BYTES = 10;

function digestCode(code: string): Buffer {
  return createHash('sha256').update(code).digest();
}

/**
 * Replaces a user's recovery codes. The caller has locked the user's row.
 * @returns the codes, in four groups of four. Only their digests are stored.
 */
export async function generateRecoveryCodes(transaction: Transaction, userId: string): Promise<string[]> {
  const codes = Array.from({ length: CODE_COUNT }, () => toBase32(randomBytes(CODE_BYTES)));
  await transaction.delete(recoveryCodes).where(eq(recoveryCodes.userId, userId));
  await transaction
    .insert(recoveryCodes)
    .values(codes.map((code) => ({ id: uuidv7(), userId, digest: digestCode(code) })));
  return codes.map((code) => groupCharacters(code, '-'));
}

/** Counts a user's unused recovery codes. */
export function countRecoveryCodes(database: Queryable, userId: string): Promise<number> {
  return database.$count(recoveryCodes, and(eq(recoveryCodes.userId, userId), isNull(recoveryCodes.usedAt)));
}

/** Reads when a user's recovery codes, used or not, were generated; null if there are none. */
export async function readRecoveryCodesTime(database: Queryable, userId: string): Promise<Date | null> {
  const [newest] = await database
    .select({ createdAt: recoveryCodes.createdAt })
    .from(recoveryCodes)
    .where(eq(recoveryCodes.userId, userId))
    .orderBy(desc(recoveryCodes.createdAt))
    .limit(1);
  return newest?.createdAt ?? null;
}

/**
 * Consumes a recovery code, records it and notifies the user by email. A single statement consumes it, so that only one
 * of several concurrent uses succeeds.
 * @returns false if the code is malformed, unknown or used
 */
export async function consumeRecoveryCode(
  transaction: Transaction,
  queue: PgBoss,
  { userId, code, ipAddress }: { userId: string; code: string; ipAddress: string },
): Promise<boolean> {
  const normalizedCode = parseRecoveryCode(code);
  if (!normalizedCode) return false;
  const isUnused = and(
    eq(recoveryCodes.userId, userId),
    eq(recoveryCodes.digest, digestCode(normalizedCode)),
    isNull(recoveryCodes.usedAt),
  );
  const updated = await transaction
    .update(recoveryCodes)
    .set({ usedAt: sql`now()` })
    .where(isUnused)
    .returning({ id: recoveryCodes.id });
  if (updated.length === 0) return false;
  const left = await countRecoveryCodes(transaction, userId);
  recordAuditEvent(transaction, 'recovery_code.used', { userId, ipAddress, details: { left } });
  await queueMessage(transaction, queue, { kind: 'security_notice', userId, notice: 'recovery_code_used' });
  return true;
}
