import {
  ATTEMPTS_PER_LINK,
  RESENDS_PER_LINK,
  SECONDS_BETWEEN_CODES,
  SECONDS_BETWEEN_EMAILS,
} from '#lib/key-delivery/reveal/limits.ts';
import { compare, type Draft, later, ms, RANK } from './draft.ts';
import type { AuditFact, Facts, RevealFact } from './facts.ts';
import {
  describeAuditEvent,
  describeOpening,
  describeStart,
  describeStatus,
  ENDS,
  FIRST_USE,
} from './format.ts';
import { messageDrafts, presentProblem } from './message-drafts.ts';
import type { AccountTimeline, AgainFrom, KeyDelivery, KeyDeliveryState } from './schema.ts';

const ACT_KINDS = {
  'reveal.wrong_code': 'wrong_code',
  'reveal.new_code': 'code_asked',
  'reveal.sent_again': 'sent_again',
  'reveal.started': 'started',
} as const;

function actDrafts(acts: AuditFact[]): Draft[] {
  return acts.flatMap((fact) => {
    const words = describeAuditEvent(fact);
    const rank = fact.act === 'reveal.wrong_code' ? RANK.wrong : RANK.act;
    return words ? [{ key: fact.id, kind: ACT_KINDS[fact.act], at: fact.at, rank, ...words }] : [];
  });
}

const isLocked = ({ endedBecause, linkTries }: RevealFact) =>
  endedBecause === 'locked' || (endedBecause === null && linkTries >= ATTEMPTS_PER_LINK);

/** Whether the 24 hours ended before anything else did. */
function hasExpired({ expiresAt, endedAt }: RevealFact, readAt: Date): boolean {
  return ms(expiresAt) <= ms(endedAt ?? readAt);
}

function stateOf(reveal: RevealFact, readAt: Date): KeyDeliveryState {
  if (reveal.endedBecause === 'shown' || reveal.endedBecause === 'replaced') return reveal.endedBecause;
  if (isLocked(reveal)) return 'locked';
  return hasExpired(reveal, readAt) ? 'expired' : 'under_way';
}

function endDrafts(reveal: RevealFact, readAt: Date): Draft[] {
  const { id, endedAt, endedBecause, expiresAt, firstUse } = reveal;
  const drafts: Draft[] = [];
  const end = (because: keyof typeof ENDS, at: Date, rank = RANK.end) =>
    drafts.push({ key: `${id}:${because}`, kind: because, at, rank, ...ENDS[because] });
  if (!isLocked(reveal) && endedBecause !== 'shown' && hasExpired(reveal, readAt)) end('expired', expiresAt);
  if (!endedAt || !endedBecause) return drafts;
  end(endedBecause, endedAt, endedBecause === 'replaced' ? RANK.replaced : RANK.end);
  if (endedBecause === 'shown' && firstUse) {
    const at = later(endedAt, firstUse.at);
    const dayOnly = firstUse.unit === 'day';
    drafts.push({
      key: `${id}:use`,
      kind: 'first_use',
      at,
      rank: RANK.use,
      dayOnly,
      ...FIRST_USE[firstUse.unit],
    });
  }
  return drafts;
}

/** Oldest first; at the same time, causes before effects. Nothing is shown before its hand-over began. */
function inOrder(drafts: Draft[], startedAt: Date) {
  return drafts
    .map((draft) => ({ ...draft, at: later(startedAt, draft.at) }))
    .toSorted((a, b) => ms(a.at) - ms(b.at) || a.rank - b.rank || compare(a.key, b.key))
    .map(({ key, kind, tone, at, dayOnly = false, words, more = null }) => ({
      key,
      kind,
      tone,
      at: at.toISOString(),
      dayOnly,
      words,
      more,
    }));
}

function composeHandOver(reveal: RevealFact, facts: Facts): KeyDelivery {
  const { readAt, reports } = facts;
  const isOwn = ({ revealId }: { revealId: string }) => revealId === reveal.id;
  const messages = facts.messages.filter(isOwn);
  const acts = facts.acts.filter(isOwn);
  const start = describeStart(acts.find(({ act }) => act === 'reveal.started'));
  const openings = facts.openings.filter(isOwn).map((opening): Draft => {
    const words = describeOpening(opening, messages);
    return { key: opening.id, kind: 'opened', at: opening.at, rank: RANK.opened, ...words };
  });
  const drafts: Draft[] = [
    { key: `${reveal.id}:start`, kind: 'started', at: reveal.createdAt, rank: RANK.start, ...start },
    ...messages.flatMap((message) => messageDrafts(message, reports, readAt)),
    ...openings,
    ...actDrafts(acts),
    ...endDrafts(reveal, readAt),
  ];
  const state = stateOf(reveal, readAt);
  return {
    id: reveal.id,
    state,
    startedAt: reveal.createdAt.toISOString(),
    email: reveal.email,
    phone: reveal.phone,
    standing: describeStatus(state, presentProblem(messages, reports, readAt)),
    entries: inOrder(drafts, reveal.createdAt),
  };
}

function againFrom(lastAt: Date, seconds: number, times: number): AgainFrom {
  const at = new Date(ms(lastAt) + seconds * 1_000).toISOString();
  return { at, left: RESENDS_PER_LINK - times };
}

/** Puts what the tables say in order and in words. The same facts in any order give the same. */
export function composeTimeline(facts: Facts): AccountTimeline {
  const newestFirst = facts.reveals.toSorted(
    (a, b) =>
      Number(b.isPresent) - Number(a.isPresent) || ms(b.createdAt) - ms(a.createdAt) || compare(b.id, a.id),
  );
  const [present = null, ...earlier] = newestFirst.map((reveal) => composeHandOver(reveal, facts));
  const [reveal] = newestFirst;
  const resendMessages =
    reveal && present?.state === 'under_way'
      ? {
          email: againFrom(reveal.emailQueuedAt, SECONDS_BETWEEN_EMAILS, reveal.emailsSentAgain),
          text: againFrom(reveal.codeIssuedAt, SECONDS_BETWEEN_CODES, reveal.textsSentAgain),
        }
      : null;
  return { readAt: facts.readAt.toISOString(), present, earlier, resendMessages };
}
