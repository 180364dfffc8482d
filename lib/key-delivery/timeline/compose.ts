import { ATTEMPTS_PER_LINK } from '#lib/account-state/limits.ts';
import {
  RESENDS_PER_LINK,
  SECONDS_BETWEEN_CODES,
  SECONDS_BETWEEN_EMAILS,
} from '#lib/key-delivery/reveal/limits.ts';
import {
  describeAuditEvent,
  describeDeliveryReport,
  describeFinalState,
  describeOpening,
  describeQueued,
  describeStart,
  describeStatus,
  END_TEXTS,
  type EntryText,
  FIRST_USE_TEXT,
} from './entry-text.ts';
import type { AuditEventRow, MessageRow, ReportRow, RevealRow, TimelineRows } from './rows.ts';
import type {
  AccountTimeline,
  EntryKind,
  KeyDelivery,
  KeyDeliveryState,
  ResendAvailability,
  TimelineEntry,
} from './schema.ts';

/** An entry before sorting. `rank` orders entries with the same time. */
type Draft = { key: string; kind: EntryKind; at: Date; rank: number; isDayOnly?: boolean } & EntryText;

/** Puts causes before effects: a message is queued before it is sent, a wrong code comes before the lock it causes. */
const RANK = {
  started: 0,
  auditEvent: 1,
  messageQueued: 2,
  messageEnded: 3,
  deliveryReport: 4,
  opened: 5,
  wrongCode: 6,
  revealEnded: 7,
  replaced: 8,
  firstUse: 9,
};

const ENTRY_KINDS = {
  'reveal.wrong_code': 'wrong_code',
  'reveal.new_code': 'code_requested',
  'reveal.sent_again': 'resent',
  'reveal.code_read_out': 'read_out',
  'reveal.started': 'started',
} as const;

const toMs = (at: Date) => at.getTime();
const getLater = (one: Date, other: Date | null) => (other && toMs(other) > toMs(one) ? other : one);
const compareStrings = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0);

/** Returns the first report of each kind, so that neither order nor repetition changes the timeline. */
function findFirstReports(reports: ReportRow[]): ReportRow[] {
  const sorted = reports.toSorted(
    (a, b) =>
      toMs(a.at) - toMs(b.at) ||
      compareStrings(a.reason ?? '', b.reason ?? '') ||
      compareStrings(a.kind, b.kind),
  );
  return sorted.filter(({ kind }, index) => sorted.findIndex((other) => other.kind === kind) === index);
}

/** Drafts the entries of a message: queued, sent or not, and the provider's reports. */
function draftMessageEntries(message: MessageRow, allReports: ReportRow[], readAt: Date): Draft[] {
  const { id, channel: kind, createdAt } = message;
  const reports = findFirstReports(allReports.filter(({ messageId }) => messageId === id));
  const queued = { key: `${id}:queued`, kind, at: createdAt, rank: RANK.messageQueued } as const;
  // A message that the SMS policy blocked was never queued.
  const drafts: Draft[] =
    message.state === 'refused' ? [] : [{ ...queued, ...describeQueued(message, readAt) }];
  const finalText = describeFinalState(message, reports.length > 0);
  // Clocks of two machines differ, so never show an effect before its cause.
  const endedAt = finalText ? getLater(createdAt, message.endedAt) : createdAt;
  if (finalText)
    drafts.push({ key: `${id}:${message.state}`, kind, at: endedAt, rank: RANK.messageEnded, ...finalText });
  for (const report of reports) {
    const at = getLater(endedAt, report.at);
    drafts.push({
      key: `${id}:reported-${report.kind}`,
      kind,
      at,
      rank: RANK.deliveryReport,
      ...describeDeliveryReport(message, report),
    });
  }
  return drafts;
}

/** Leaves out SMS whose code was replaced by one that an administrator read out: no longer does it matter if they arrived. */
const listNeededMessages = (messages: MessageRow[], { readOutGeneration }: RevealRow) =>
  messages.filter(
    ({ codeGeneration }) =>
      codeGeneration === null || readOutGeneration === null || codeGeneration > readOutGeneration,
  );

/** Finds the latest delivery problem. Only the newest message of each channel counts: it supersedes earlier ones. */
function findDeliveryProblem(
  messages: MessageRow[],
  reports: ReportRow[],
  readAt: Date,
): EntryText | undefined {
  const drafts = (['email', 'sms'] as const).flatMap((channel) => {
    const all = messages.filter((message) => message.channel === channel);
    // A blocked message does not supersede the one before it.
    const attempted = all.filter(({ state }) => state !== 'refused');
    const candidates = attempted.length > 0 ? attempted : all;
    const newest = candidates
      .toSorted((a, b) => toMs(a.createdAt) - toMs(b.createdAt) || compareStrings(a.id, b.id))
      .at(-1);
    if (!newest) return [];
    const newestDrafts = draftMessageEntries(newest, reports, readAt);
    // A report of delivery can arrive before the provider's response is recorded. Then sending had no problem.
    const isDelivered = reports.some(
      ({ messageId, kind }) => messageId === newest.id && kind === 'delivered',
    );
    return isDelivered ? newestDrafts.filter(({ rank }) => rank === RANK.deliveryReport) : newestDrafts;
  });
  return drafts
    .filter(({ tone }) => tone === 'problem')
    .toSorted((a, b) => toMs(a.at) - toMs(b.at))
    .at(-1);
}

function draftAuditEntries(events: AuditEventRow[]): Draft[] {
  return events.flatMap((event) => {
    const text = describeAuditEvent(event);
    const rank = event.action === 'reveal.wrong_code' ? RANK.wrongCode : RANK.auditEvent;
    return text ? [{ key: event.id, kind: ENTRY_KINDS[event.action], at: event.at, rank, ...text }] : [];
  });
}

const isLocked = ({ endReason, linkAttempts }: RevealRow) =>
  endReason === 'locked' || (endReason === null && linkAttempts >= ATTEMPTS_PER_LINK);

/** Returns whether the link expired before the reveal ended or, if it has not ended, by the time of reading. */
function hasExpired({ expiresAt, endedAt }: RevealRow, readAt: Date): boolean {
  return toMs(expiresAt) <= toMs(endedAt ?? readAt);
}

function getState(reveal: RevealRow, readAt: Date): KeyDeliveryState {
  if (reveal.endReason === 'shown' || reveal.endReason === 'replaced') return reveal.endReason;
  if (isLocked(reveal)) return 'locked';
  return hasExpired(reveal, readAt) ? 'expired' : 'in_progress';
}

function draftEndEntries(reveal: RevealRow, readAt: Date): Draft[] {
  const { id, endedAt, endReason, expiresAt, firstUse } = reveal;
  const drafts: Draft[] = [];
  const addEnd = (reason: keyof typeof END_TEXTS, at: Date, rank = RANK.revealEnded) =>
    drafts.push({ key: `${id}:${reason}`, kind: reason, at, rank, ...END_TEXTS[reason] });
  if (!isLocked(reveal) && endReason !== 'shown' && hasExpired(reveal, readAt)) addEnd('expired', expiresAt);
  if (!endedAt || !endReason) return drafts;
  addEnd(endReason, endedAt, endReason === 'replaced' ? RANK.replaced : RANK.revealEnded);
  if (endReason === 'shown' && firstUse) {
    const at = getLater(endedAt, firstUse.at);
    const isDayOnly = firstUse.unit === 'day';
    drafts.push({
      key: `${id}:use`,
      kind: 'first_use',
      at,
      rank: RANK.firstUse,
      isDayOnly,
      ...FIRST_USE_TEXT,
    });
  }
  return drafts;
}

/** Completes and sorts the entries: oldest first, causes before effects, none before the key delivery started. */
function sortEntries(drafts: Draft[], startedAt: Date): TimelineEntry[] {
  return drafts
    .map((draft) => ({ ...draft, at: getLater(startedAt, draft.at) }))
    .toSorted((a, b) => toMs(a.at) - toMs(b.at) || a.rank - b.rank || compareStrings(a.key, b.key))
    .map(({ key, kind, tone, at, isDayOnly = false, text, details = null, ...draft }) => ({
      key,
      kind,
      tone,
      at: at.toISOString(),
      isDayOnly,
      text,
      details,
      nextAttemptAt: draft.nextAttemptAt?.toISOString() ?? null,
      isInOutbox: draft.isInOutbox ?? false,
    }));
}

function getCodeReadOut({ readOutGeneration, codeGeneration }: RevealRow): KeyDelivery['codeReadOut'] {
  if (readOutGeneration === null) return null;
  return readOutGeneration === codeGeneration ? 'current' : 'replaced';
}

function composeKeyDelivery(reveal: RevealRow, rows: TimelineRows): KeyDelivery {
  const { readAt, reports } = rows;
  const isOfReveal = ({ revealId }: { revealId: string }) => revealId === reveal.id;
  const messages = rows.messages.filter(isOfReveal);
  const auditEvents = rows.auditEvents.filter(isOfReveal);
  const start = describeStart(auditEvents.find(({ action }) => action === 'reveal.started'));
  const openings = rows.openings.filter(isOfReveal).map((opening): Draft => {
    const text = describeOpening(opening, messages);
    return { key: opening.id, kind: 'opened', at: opening.at, rank: RANK.opened, ...text };
  });
  const drafts: Draft[] = [
    { key: `${reveal.id}:start`, kind: 'started', at: reveal.createdAt, rank: RANK.started, ...start },
    ...messages.flatMap((message) => draftMessageEntries(message, reports, readAt)),
    ...openings,
    ...draftAuditEntries(auditEvents),
    ...draftEndEntries(reveal, readAt),
  ];
  const state = getState(reveal, readAt);
  return {
    id: reveal.id,
    state,
    startedAt: reveal.createdAt.toISOString(),
    email: reveal.email,
    phone: reveal.phone,
    codeReadOut: getCodeReadOut(reveal),
    status: describeStatus(state, findDeliveryProblem(listNeededMessages(messages, reveal), reports, readAt)),
    entries: sortEntries(drafts, reveal.createdAt),
  };
}

function getResendAvailability(lastAt: Date, seconds: number, resends: number): ResendAvailability {
  const at = new Date(toMs(lastAt) + seconds * 1_000).toISOString();
  return { at, left: RESENDS_PER_LINK - resends };
}

/** Composes the key deliveries of an account's timeline from database rows. The order of the rows does not matter. */
export function composeTimeline(rows: TimelineRows): Omit<AccountTimeline, 'oldKey'> {
  const newestFirst = rows.reveals.toSorted(
    (a, b) =>
      Number(b.isCurrent) - Number(a.isCurrent) ||
      toMs(b.createdAt) - toMs(a.createdAt) ||
      compareStrings(b.id, a.id),
  );
  const [current = null, ...earlier] = newestFirst.map((reveal) => composeKeyDelivery(reveal, rows));
  const [reveal] = newestFirst;
  const resendAvailability =
    reveal && current?.state === 'in_progress'
      ? {
          email: getResendAvailability(reveal.emailQueuedAt, SECONDS_BETWEEN_EMAILS, reveal.emailsResent),
          text: getResendAvailability(reveal.codeIssuedAt, SECONDS_BETWEEN_CODES, reveal.smsResent),
        }
      : null;
  return { readAt: rows.readAt.toISOString(), current, earlier, resendAvailability };
}
