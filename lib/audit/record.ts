import { v7 as uuidv7 } from 'uuid';
import type { Transaction } from '#db/client.ts';
import { auditEvents } from '#db/schema/audit-events.ts';

/** What is put on record. */
export type Act =
  | 'api_account.created'
  | 'api_account.edited'
  | 'api_account.deactivated'
  | 'api_account.reactivated'
  | 'api_key.reset'
  | 'api_key.shown'
  | 'reveal.started'
  | 'reveal.new_code'
  | 'reveal.sent_again'
  | 'reveal.wrong_code'
  | 'reveal.locked'
  | 'address_change.notice_withheld'
  | 'address_change.objected'
  | 'address_change.settled'
  | 'text_rules.changed'
  | 'sign_in.succeeded'
  | 'sign_in.failed'
  | 'sign_out';

/**
 * Puts an act on record in the act's own transaction: neither is there without the other.
 * @param event `userId` null: the integrator or the system. `details`: never a secret
 */
export async function recordAct(
  transaction: Transaction,
  act: Act,
  event: { userId: string | null; accountId: string | null; details?: Record<string, unknown> },
): Promise<void> {
  await transaction.insert(auditEvents).values({ id: uuidv7(), act, ...event });
}
