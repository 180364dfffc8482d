import { z } from 'zod';

/** Whose timeline is asked for. */
export const timelineSchema = z.object({ id: z.uuid() });

/** What an entry is about; each has its picture on the page. */
export type EntryKind =
  | 'started'
  | 'email'
  | 'text'
  | 'opened'
  | 'wrong_code'
  | 'code_asked'
  | 'sent_again'
  | 'shown'
  | 'locked'
  | 'expired'
  | 'replaced'
  | 'first_use';

/** `problem`: somebody has to do something, or soon will. */
export type Tone = 'plain' | 'good' | 'problem';

/** One thing that happened in a hand-over. Times are ISO 8601, by the database's clock. */
export type TimelineEntry = {
  /** The same at each read: so it is seen what is new. */
  key: string;
  kind: EntryKind;
  tone: Tone;
  at: string;
  /** The day alone is known, not the time. */
  dayOnly: boolean;
  words: string;
  /** What there is to know about it; null where the words say it all. */
  more: string | null;
};

export type KeyDeliveryState = 'under_way' | 'shown' | 'locked' | 'expired' | 'replaced';

/** The way of one key to its integrator: a link by email, codes by text, and what became of them. */
export type KeyDelivery = {
  id: string;
  state: KeyDeliveryState;
  startedAt: string;
  /** Where the link and the codes go. */
  email: string;
  phone: string;
  /** How it stands, in a sentence or two. */
  standing: { tone: Tone; words: string };
  /** Oldest first. */
  entries: TimelineEntry[];
};

/** From when a message can be sent again, and how often. */
export type AgainFrom = { at: string; left: number };

/** What an administrator sees of an account's hand-overs. */
export type AccountTimeline = {
  readAt: string;
  /** Null: the account has none. */
  present: KeyDelivery | null;
  /** The ones before, newest first. */
  earlier: KeyDelivery[];
  /** Null where no reveal is under way. */
  resendMessages: { email: AgainFrom; text: AgainFrom } | null;
};
