import { compare, type Draft, later, ms, RANK } from './draft.ts';
import type { MessageFact, ReportFact } from './facts.ts';
import { describeDeliveryReport, describeEnd, describeQueued, type Words } from './format.ts';

/** One report of each kind, the first: so neither their order nor how often each came makes a difference. */
function firstReports(reports: ReportFact[]): ReportFact[] {
  const inOrder = reports.toSorted(
    (a, b) => ms(a.at) - ms(b.at) || compare(a.reason ?? '', b.reason ?? '') || compare(a.kind, b.kind),
  );
  return inOrder.filter(({ kind }, index) => inOrder.findIndex((other) => other.kind === kind) === index);
}

/** What became of a message: queued, sent or not, and what its provider told afterwards. */
export function messageDrafts(message: MessageFact, allReports: ReportFact[], readAt: Date): Draft[] {
  const { id, channel, createdAt } = message;
  const kind = channel === 'email' ? 'email' : 'text';
  const reports = firstReports(allReports.filter(({ messageId }) => messageId === id));
  const queued = { key: `${id}:queued`, kind, at: createdAt, rank: RANK.queued } as const;
  // What our own rules refused was never queued.
  const drafts: Draft[] =
    message.state === 'refused' ? [] : [{ ...queued, ...describeQueued(message, readAt) }];
  const ended = describeEnd(message, reports.length > 0);
  // Clocks of two machines differ: what comes of a message is never shown before it.
  const endedAt = ended ? later(createdAt, message.endedAt) : createdAt;
  if (ended) drafts.push({ key: `${id}:${message.state}`, kind, at: endedAt, rank: RANK.ended, ...ended });
  for (const report of reports) {
    const at = later(endedAt, report.at);
    drafts.push({
      key: `${id}:told-${report.kind}`,
      kind,
      at,
      rank: RANK.report,
      ...describeDeliveryReport(message, report),
    });
  }
  return drafts;
}

/** The newest message of each channel decides whether there is a problem: an earlier one was mended by it. */
export function presentProblem(
  messages: MessageFact[],
  reports: ReportFact[],
  readAt: Date,
): Words | undefined {
  const newest = (['email', 'sms'] as const).flatMap((channel) => {
    const all = messages.filter((message) => message.channel === channel);
    // One that our own rules refused leaves the one before as good as it was.
    const tried = all.filter(({ state }) => state !== 'refused');
    const own = tried.length > 0 ? tried : all;
    const last = own.toSorted((a, b) => ms(a.createdAt) - ms(b.createdAt) || compare(a.id, b.id)).at(-1);
    if (!last) return [];
    const drafts = messageDrafts(last, reports, readAt);
    // A provider may tell that it arrived before we know that it took it: then nothing is wrong with the sending.
    const arrived = reports.some(({ messageId, kind }) => messageId === last.id && kind === 'delivered');
    return arrived ? drafts.filter(({ rank }) => rank === RANK.report) : drafts;
  });
  return newest
    .filter(({ tone }) => tone === 'problem')
    .toSorted((a, b) => ms(a.at) - ms(b.at))
    .at(-1);
}
