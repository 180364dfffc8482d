import type { Transaction } from '#db/client.ts';

/**
 * Uses up a factor that was found right, in the transaction of what it lets somebody do. False where another use was
 * faster: then it counts as wrong.
 */
export type Take = (transaction: Transaction) => Promise<boolean>;
