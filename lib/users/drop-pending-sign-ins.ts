import { eq } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { pendingSignIns } from '#db/schema/sessions.ts';

/** Drops what somebody has of sign-ins that wait for a second factor. Its caller holds the person's row. */
export async function dropPendingSignIns(transaction: Transaction, userId: string): Promise<void> {
  await transaction.delete(pendingSignIns).where(eq(pendingSignIns.userId, userId));
}
