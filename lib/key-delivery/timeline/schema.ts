import { z } from 'zod';
import type { OldKeyEnd } from '#lib/key-delivery/reveal/schema.ts';

/** The account whose timeline is requested. */
export const timelineSchema = z.object({ id: z.uuid() });

/** What an entry is about. The page shows an icon for each kind. */
export type EntryKind =
  | 'started'
  | 'email'
  | 'sms'
  | 'opened'
  | 'wrong_code'
  | 'code_requested'
  | 'resent'
  | 'read_out'
  | 'shown'
  | 'locked'
  | 'expired'
  | 'replaced'
  | 'first_use';

/** `problem`: an administrator may have to act. */
export type Tone = 'plain' | 'success' | 'problem';

/** One event of a key delivery. Times are ISO 8601, by the database's clock. */
export type TimelineEntry = {
  /** Stable across reads, so that the page can find new entries. */
  key: string;
  kind: EntryKind;
  tone: Tone;
  at: string;
  /** Whether `at` is only precise to the day. */
  isDayOnly: boolean;
  /** Without a full stop. */
  text: string;
  /** In full sentences. */
  details: string | null;
  /** When a delayed message is tried again; null if that is not in the future. */
  nextAttemptAt: string | null;
  /** Whether the message went to the outbox instead of to its recipient. */
  isInOutbox: boolean;
};

export type KeyDeliveryState = 'in_progress' | 'shown' | 'locked' | 'expired' | 'replaced';

/** Summary of a key delivery, in a sentence or two. */
export type KeyDeliveryStatus = {
  tone: Tone;
  text: string;
  /** When a delayed message is tried again; null if that is not in the future. */
  nextAttemptAt: string | null;
};

/** The delivery of one key to its integrator: a link by email and codes by SMS or phone, with their delivery status. */
export type KeyDelivery = {
  id: string;
  state: KeyDeliveryState;
  startedAt: string;
  /** Recipient of the link. */
  email: string;
  /** Recipient of the codes. */
  phone: string;
  /** Whether the code that an administrator read out by phone still works, or was replaced. Null if none was read out. */
  codeReadOut: 'current' | 'replaced' | null;
  status: KeyDeliveryStatus;
  /** Sorted, oldest first. */
  entries: TimelineEntry[];
};

/** The previous key of an account, which still works after a reset. Times are ISO 8601, by the database's clock. */
export type OldKey = OldKeyEnd & {
  /** The last request with it since the reset; null if there was none. */
  lastUsedAt: string | null;
  /** Whether the integrator has the new key yet, and has used it. */
  newKey: 'not_collected' | 'not_used' | 'used';
};

/** The earliest time at which a message can be resent, and the number of resends left. */
export type ResendAvailability = { at: string; left: number };

/** An account's key deliveries, as an administrator sees them. */
export type AccountTimeline = {
  readAt: string;
  /** Null if no old key works. */
  oldKey: OldKey | null;
  /** The current key delivery, if there is one. */
  current: KeyDelivery | null;
  /** Earlier key deliveries, newest first. */
  earlier: KeyDelivery[];
  /** Null if no key delivery is in progress. */
  resendAvailability: { email: ResendAvailability; text: ResendAvailability } | null;
};
