import type { Words } from './format.ts';
import type { EntryKind } from './schema.ts';

/** An entry before it is put in its place. `rank`: what comes first where two happened at the same time. */
export type Draft = { key: string; kind: EntryKind; at: Date; rank: number; dayOnly?: boolean } & Words;

/** A cause before what it brings about: a message is queued before it is accepted, a code is wrong before it locks. */
export const RANK = {
  start: 0,
  act: 1,
  queued: 2,
  ended: 3,
  report: 4,
  opened: 5,
  wrong: 6,
  end: 7,
  replaced: 8,
  use: 9,
};

export const ms = (at: Date) => at.getTime();
export const later = (one: Date, other: Date | null) => (other && ms(other) > ms(one) ? other : one);
export const compare = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0);
