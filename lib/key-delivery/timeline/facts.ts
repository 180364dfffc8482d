import type { deliveryReports } from '#db/schema/delivery-reports.ts';
import type { messages } from '#db/schema/messages.ts';
import type { reveals } from '#db/schema/reveals.ts';

/** What the tables say of an account's hand-overs, before it is put in order and in words. All of it is named. */
export type Facts = {
  readAt: Date;
  reveals: RevealFact[];
  messages: MessageFact[];
  reports: ReportFact[];
  openings: OpeningFact[];
  acts: AuditFact[];
};

type Of<Row, Column extends keyof Row> = Pick<Row, Column>;

export type RevealFact = Of<
  typeof reveals.$inferSelect,
  | 'id'
  | 'email'
  | 'phone'
  | 'createdAt'
  | 'expiresAt'
  | 'linkTries'
  | 'endedAt'
  | 'endedBecause'
  | 'emailQueuedAt'
  | 'codeIssuedAt'
  | 'emailsSentAgain'
  | 'textsSentAgain'
> & {
  /** The account's one that can still set a key, or set it last. */
  isPresent: boolean;
  firstUse: FirstUse | null;
};

/** The minute, or after a month the day, in which the key that was shown first opened the verifier. */
export type FirstUse = { at: Date; unit: 'minute' | 'day' };

export type MessageFact = Of<
  typeof messages.$inferSelect,
  | 'id'
  | 'channel'
  | 'state'
  | 'attempts'
  | 'unanswered'
  | 'nextAttemptAt'
  | 'provider'
  | 'failure'
  | 'createdAt'
  | 'endedAt'
> & { revealId: string };

export type ReportFact = Of<typeof deliveryReports.$inferSelect, 'messageId' | 'kind' | 'at' | 'reason'>;

export type OpeningFact = { id: string; revealId: string; at: Date; touched: boolean };

export type AuditFact = {
  id: string;
  revealId: string;
  at: Date;
  act: 'reveal.started' | 'reveal.wrong_code' | 'reveal.new_code' | 'reveal.sent_again';
  /** The administrator's name. */
  by: string | null;
  /** Of a start: the act that brought it about. */
  because: 'api_account.created' | 'api_key.reset' | 'api_account.edited' | null;
  /** Of a sending again. */
  what: string | null;
};
