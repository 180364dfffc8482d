import { createHash, randomBytes } from 'node:crypto';
import { and, eq, isNull, sql } from 'drizzle-orm';
import type { PgBoss } from 'pg-boss';
import { v7 as uuidv7 } from 'uuid';
import type { Queryable, Transaction } from '#db/client.ts';
import { recoveryCodes } from '#db/schema/factors.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { queueMessage } from '#lib/notifications/delivery/queue-message.ts';
import { groupCharacters, toBase32 } from './base32.ts';
import { RECOVERY_CODES } from './limits.ts';
import { readRecoveryCode } from './schema.ts';

/** 80 bits: no table of digests helps to guess one, so a fast digest does (NIST SP 800-63B-4, 3.1.2.2). */
const CODE_BYTES = 10;

function digestOf(code: string): Buffer {
  return createHash('sha256').update(code).digest();
}

/**
 * Makes a person's recovery codes anew; those they had are dead. The person's row is held.
 * @returns the codes, in four groups of four: shown now, and known to nobody afterwards
 */
export async function generateRecoveryCodes(transaction: Transaction, userId: string): Promise<string[]> {
  const codes = Array.from({ length: RECOVERY_CODES }, () => toBase32(randomBytes(CODE_BYTES)));
  await transaction.delete(recoveryCodes).where(eq(recoveryCodes.userId, userId));
  await transaction
    .insert(recoveryCodes)
    .values(codes.map((code) => ({ id: uuidv7(), userId, digest: digestOf(code) })));
  return codes.map((code) => groupCharacters(code, '-'));
}

/** How many of a person's codes have not been used. */
export function countRecoveryCodes(database: Queryable, userId: string): Promise<number> {
  return database.$count(recoveryCodes, and(eq(recoveryCodes.userId, userId), isNull(recoveryCodes.usedAt)));
}

/**
 * Uses up a recovery code, puts that on record and tells the person by email. One statement: of many who send the
 * same code at once, one has it.
 */
export async function consumeRecoveryCode(
  transaction: Transaction,
  sender: PgBoss,
  { userId, code, address }: { userId: string; code: string; address: string },
): Promise<boolean> {
  const letters = readRecoveryCode(code);
  if (!letters) return false;
  const unused = and(
    eq(recoveryCodes.userId, userId),
    eq(recoveryCodes.digest, digestOf(letters)),
    isNull(recoveryCodes.usedAt),
  );
  const used = await transaction
    .update(recoveryCodes)
    .set({ usedAt: sql`now()` })
    .where(unused)
    .returning({ id: recoveryCodes.id });
  if (used.length === 0) return false;
  const left = await countRecoveryCodes(transaction, userId);
  recordAuditEvent(transaction, 'recovery_code.used', { userId, address, details: { left } });
  await queueMessage(transaction, sender, { kind: 'security_notice', userId, notice: 'recovery_code_used' });
  return true;
}
