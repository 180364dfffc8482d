import type { deliveryReports } from '#db/schema/delivery-reports.ts';
import type { messages } from '#db/schema/messages.ts';
import type { reveals } from '#db/schema/reveals.ts';

/** Database rows that an account's timeline is composed from. Every column is named. */
export type TimelineRows = {
  readAt: Date;
  reveals: RevealRow[];
  messages: MessageRow[];
  reports: ReportRow[];
  openings: OpeningRow[];
  auditEvents: AuditEventRow[];
};

export type RevealRow = Pick<
  typeof reveals.$inferSelect,
  | 'id'
  | 'email'
  | 'phone'
  | 'createdAt'
  | 'expiresAt'
  | 'linkAttempts'
  | 'endedAt'
  | 'endReason'
  | 'emailQueuedAt'
  | 'codeIssuedAt'
  | 'emailsResent'
  | 'smsResent'
  | 'codeGeneration'
  | 'readOutGeneration'
> & {
  /** Whether it is the account's current reveal: the latest one, even if it has ended or expired. */
  isCurrent: boolean;
  firstUse: FirstUse | null;
};

/** The minute in which the verifier first accepted the key, or the day if minutes are no longer stored. */
export type FirstUse = { at: Date; unit: 'minute' | 'day' };

export type MessageRow = Pick<
  typeof messages.$inferSelect,
  | 'id'
  | 'channel'
  | 'state'
  | 'attempts'
  | 'unanswered'
  | 'nextAttemptAt'
  | 'provider'
  | 'failure'
  | 'codeGeneration'
  | 'createdAt'
  | 'endedAt'
> & { revealId: string };

export type ReportRow = Pick<typeof deliveryReports.$inferSelect, 'messageId' | 'kind' | 'at' | 'reason'>;

export type OpeningRow = { id: string; revealId: string; at: Date; hasInteraction: boolean };

export type AuditEventRow = {
  id: string;
  revealId: string;
  at: Date;
  action:
    | 'reveal.started'
    | 'reveal.wrong_code'
    | 'reveal.new_code'
    | 'reveal.sent_again'
    | 'reveal.code_read_out';
  /** Null for the integrator, and if the user was deleted. */
  administratorName: string | null;
  /** For `reveal.started`: the action that caused it. */
  cause: 'api_account.created' | 'api_key.reset' | 'api_account.edited' | null;
  /** For a reset: when the old key was to end, as the audit log stores it. Null: immediately, or there was none. */
  oldKey: string | null;
  /** For `reveal.sent_again`: `email`, `text` or `both`. */
  resent: string | null;
};
