import {
  ATTEMPTS_PER_LINK,
  RESENDS_PER_LINK,
  SECONDS_BETWEEN_CODES,
  SECONDS_BETWEEN_EMAILS,
} from '#lib/key-delivery/reveal/limits.ts';
import type { AuditFact, Facts, MessageFact, ReportFact, RevealFact } from './facts.ts';
import {
  describeAuditEvent,
  describeDeliveryReport,
  describeEnd,
  describeOpening,
  describeQueued,
  describeStart,
  describeStatus,
  ENDS,
  type EntryText,
  FIRST_USE,
} from './format.ts';
import type {
  AccountTimeline,
  EntryKind,
  KeyDelivery,
  KeyDeliveryState,
  ResendAvailability,
  TimelineEntry,
} from './schema.ts';

/** An entry before sorting. `rank` orders entries with the same time. */
type Draft = { key: string; kind: EntryKind; at: Date; rank: number; dayOnly?: boolean } & EntryText;

/** Puts a cause before its effect: a message is queued before it is accepted, a code is wrong before it locks. */
const RANK = {
  start: 0,
  auditEvent: 1,
  queued: 2,
  ended: 3,
  report: 4,
  opened: 5,
  wrongCode: 6,
  end: 7,
  replaced: 8,
  use: 9,
};

const ENTRY_KINDS = {
  'reveal.wrong_code': 'wrong_code',
  'reveal.new_code': 'code_requested',
  'reveal.sent_again': 'resent',
  'reveal.started': 'started',
} as const;

const ms = (at: Date) => at.getTime();
const latest = (one: Date, other: Date | null) => (other && ms(other) > ms(one) ? other : one);
const compare = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0);

/** Returns the first report of each kind, so that neither order nor repetition changes the timeline. */
function firstReports(reports: ReportFact[]): ReportFact[] {
  const sorted = reports.toSorted(
    (a, b) => ms(a.at) - ms(b.at) || compare(a.reason ?? '', b.reason ?? '') || compare(a.kind, b.kind),
  );
  return sorted.filter(({ kind }, index) => sorted.findIndex((other) => other.kind === kind) === index);
}

/** Drafts the entries of a message: queued, sent or not, and the provider's reports. */
function messageDrafts(message: MessageFact, allReports: ReportFact[], readAt: Date): Draft[] {
  const { id, channel, createdAt } = message;
  const kind = channel === 'email' ? 'email' : 'text';
  const reports = firstReports(allReports.filter(({ messageId }) => messageId === id));
  const queued = { key: `${id}:queued`, kind, at: createdAt, rank: RANK.queued } as const;
  // A message that the SMS policy blocked was never queued.
  const drafts: Draft[] =
    message.state === 'refused' ? [] : [{ ...queued, ...describeQueued(message, readAt) }];
  const ended = describeEnd(message, reports.length > 0);
  // Clocks of two machines differ, so never show an effect before its cause.
  const endedAt = ended ? latest(createdAt, message.endedAt) : createdAt;
  if (ended) drafts.push({ key: `${id}:${message.state}`, kind, at: endedAt, rank: RANK.ended, ...ended });
  for (const report of reports) {
    const at = latest(endedAt, report.at);
    drafts.push({
      key: `${id}:reported-${report.kind}`,
      kind,
      at,
      rank: RANK.report,
      ...describeDeliveryReport(message, report),
    });
  }
  return drafts;
}

/** Finds the latest delivery problem. Only the newest message of each channel counts: it supersedes earlier ones. */
function findDeliveryProblem(
  messages: MessageFact[],
  reports: ReportFact[],
  readAt: Date,
): EntryText | undefined {
  const drafts = (['email', 'sms'] as const).flatMap((channel) => {
    const all = messages.filter((message) => message.channel === channel);
    // A blocked message does not supersede the one before it.
    const attempted = all.filter(({ state }) => state !== 'refused');
    const candidates = attempted.length > 0 ? attempted : all;
    const newest = candidates
      .toSorted((a, b) => ms(a.createdAt) - ms(b.createdAt) || compare(a.id, b.id))
      .at(-1);
    if (!newest) return [];
    const ofNewest = messageDrafts(newest, reports, readAt);
    // A delivery report can arrive before the provider's response is recorded. Then sending had no problem.
    const isDelivered = reports.some(
      ({ messageId, kind }) => messageId === newest.id && kind === 'delivered',
    );
    return isDelivered ? ofNewest.filter(({ rank }) => rank === RANK.report) : ofNewest;
  });
  return drafts
    .filter(({ tone }) => tone === 'problem')
    .toSorted((a, b) => ms(a.at) - ms(b.at))
    .at(-1);
}

function auditDrafts(events: AuditFact[]): Draft[] {
  return events.flatMap((event) => {
    const text = describeAuditEvent(event);
    const rank = event.action === 'reveal.wrong_code' ? RANK.wrongCode : RANK.auditEvent;
    return text ? [{ key: event.id, kind: ENTRY_KINDS[event.action], at: event.at, rank, ...text }] : [];
  });
}

const isLocked = ({ endReason, linkAttempts }: RevealFact) =>
  endReason === 'locked' || (endReason === null && linkAttempts >= ATTEMPTS_PER_LINK);

/** Returns whether the link expired before the reveal ended. */
function hasExpired({ expiresAt, endedAt }: RevealFact, readAt: Date): boolean {
  return ms(expiresAt) <= ms(endedAt ?? readAt);
}

function stateOf(reveal: RevealFact, readAt: Date): KeyDeliveryState {
  if (reveal.endReason === 'shown' || reveal.endReason === 'replaced') return reveal.endReason;
  if (isLocked(reveal)) return 'locked';
  return hasExpired(reveal, readAt) ? 'expired' : 'in_progress';
}

function endDrafts(reveal: RevealFact, readAt: Date): Draft[] {
  const { id, endedAt, endReason, expiresAt, firstUse } = reveal;
  const drafts: Draft[] = [];
  const addEnd = (because: keyof typeof ENDS, at: Date, rank = RANK.end) =>
    drafts.push({ key: `${id}:${because}`, kind: because, at, rank, ...ENDS[because] });
  if (!isLocked(reveal) && endReason !== 'shown' && hasExpired(reveal, readAt)) addEnd('expired', expiresAt);
  if (!endedAt || !endReason) return drafts;
  addEnd(endReason, endedAt, endReason === 'replaced' ? RANK.replaced : RANK.end);
  if (endReason === 'shown' && firstUse) {
    const at = latest(endedAt, firstUse.at);
    const dayOnly = firstUse.unit === 'day';
    drafts.push({
      key: `${id}:use`,
      kind: 'first_use',
      at,
      rank: RANK.use,
      dayOnly,
      ...FIRST_USE,
    });
  }
  return drafts;
}

/** Sorts the entries: oldest first, causes before effects, and none before the key delivery started. */
function sortEntries(drafts: Draft[], startedAt: Date): TimelineEntry[] {
  return drafts
    .map((draft) => ({ ...draft, at: latest(startedAt, draft.at) }))
    .toSorted((a, b) => ms(a.at) - ms(b.at) || a.rank - b.rank || compare(a.key, b.key))
    .map(({ key, kind, tone, at, dayOnly = false, text, details = null, ...draft }) => ({
      key,
      kind,
      tone,
      at: at.toISOString(),
      dayOnly,
      text,
      details,
      nextAttemptAt: draft.nextAttemptAt?.toISOString() ?? null,
      isInOutbox: draft.isInOutbox ?? false,
    }));
}

function composeKeyDelivery(reveal: RevealFact, facts: Facts): KeyDelivery {
  const { readAt, reports } = facts;
  const isOwn = ({ revealId }: { revealId: string }) => revealId === reveal.id;
  const messages = facts.messages.filter(isOwn);
  const auditEvents = facts.auditEvents.filter(isOwn);
  const start = describeStart(auditEvents.find(({ action }) => action === 'reveal.started'));
  const openings = facts.openings.filter(isOwn).map((opening): Draft => {
    const text = describeOpening(opening, messages);
    return { key: opening.id, kind: 'opened', at: opening.at, rank: RANK.opened, ...text };
  });
  const drafts: Draft[] = [
    { key: `${reveal.id}:start`, kind: 'started', at: reveal.createdAt, rank: RANK.start, ...start },
    ...messages.flatMap((message) => messageDrafts(message, reports, readAt)),
    ...openings,
    ...auditDrafts(auditEvents),
    ...endDrafts(reveal, readAt),
  ];
  const state = stateOf(reveal, readAt);
  return {
    id: reveal.id,
    state,
    startedAt: reveal.createdAt.toISOString(),
    email: reveal.email,
    phone: reveal.phone,
    status: describeStatus(state, findDeliveryProblem(messages, reports, readAt)),
    entries: sortEntries(drafts, reveal.createdAt),
  };
}

function resendAvailability(lastAt: Date, seconds: number, resends: number): ResendAvailability {
  const at = new Date(ms(lastAt) + seconds * 1_000).toISOString();
  return { at, left: RESENDS_PER_LINK - resends };
}

/** Composes an account's timeline from database rows. The order of the rows does not matter. */
export function composeTimeline(facts: Facts): AccountTimeline {
  const newestFirst = facts.reveals.toSorted(
    (a, b) =>
      Number(b.isCurrent) - Number(a.isCurrent) || ms(b.createdAt) - ms(a.createdAt) || compare(b.id, a.id),
  );
  const [current = null, ...earlier] = newestFirst.map((reveal) => composeKeyDelivery(reveal, facts));
  const [reveal] = newestFirst;
  const resendMessages =
    reveal && current?.state === 'in_progress'
      ? {
          email: resendAvailability(reveal.emailQueuedAt, SECONDS_BETWEEN_EMAILS, reveal.emailsResent),
          text: resendAvailability(reveal.codeIssuedAt, SECONDS_BETWEEN_CODES, reveal.smsResent),
        }
      : null;
  return { readAt: facts.readAt.toISOString(), current, earlier, resendMessages };
}
