import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { composeTimeline } from './compose.ts';
import type { AuditEventRow, MessageRow, ReportRow, RevealRow, TimelineRows } from './rows.ts';

const START = Date.UTC(2026, 10, 24, 14);
const at = (seconds: number) => new Date(START + seconds * 1_000);
/** Few distinct times, so that many events coincide. */
const times = fc.integer({ min: 0, max: 20 }).map((step) => at(step * 30));
const makeNullable = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const REVEAL_IDS = ['a', 'b'];

const messageRows = fc.record<MessageRow>({
  id: fc.uuid(),
  revealId: fc.constantFrom(...REVEAL_IDS),
  channel: fc.constantFrom('email', 'sms'),
  state: fc.constantFrom('queued', 'sent', 'failed', 'dropped', 'refused'),
  attempts: fc.nat(15),
  unanswered: fc.nat(2),
  nextAttemptAt: makeNullable(times),
  provider: fc.constantFrom('resend', 'smtp', 'sns', 'twilio', 'outbox', null),
  failure: makeNullable(fc.constant('The provider did not respond.')),
  codeGeneration: fc.constantFrom(null, 1, 2, 3),
  createdAt: times,
  endedAt: makeNullable(times),
});

const createRevealRows = (id: string) =>
  fc.record<RevealRow>({
    id: fc.constant(id),
    email: fc.constant('it@example.com'),
    phone: fc.constant('+447400123456'),
    isCurrent: fc.constant(id === 'a'),
    createdAt: fc.constant(at(id === 'a' ? 0 : -90_000)),
    expiresAt: times,
    linkAttempts: fc.constantFrom(0, 3, 25),
    endedAt: fc.constant(null),
    endReason: fc.constant(null),
    emailQueuedAt: times,
    codeIssuedAt: times,
    emailsResent: fc.nat(5),
    smsResent: fc.nat(5),
    codeGeneration: fc.constantFrom(1, 2, 3),
    readOutGeneration: fc.constantFrom(null, 2),
    firstUse: makeNullable(fc.record({ at: times, unit: fc.constantFrom('minute', 'day') })),
  });

const createEndedRevealRows = (id: string) =>
  fc
    .tuple(createRevealRows(id), times, fc.constantFrom('shown', 'replaced', 'locked'))
    .map(([row, endedAt, endReason]) => ({
      ...row,
      endedAt,
      endReason: endReason as 'shown' | 'replaced' | 'locked',
    }));

const auditEventRows = fc.record<AuditEventRow>({
  id: fc.uuid(),
  revealId: fc.constantFrom(...REVEAL_IDS),
  at: times,
  action: fc.constantFrom(
    'reveal.wrong_code',
    'reveal.new_code',
    'reveal.sent_again',
    'reveal.code_read_out',
  ),
  administratorName: makeNullable(fc.constant('Ada Minister')),
  cause: fc.constant(null),
  oldKey: fc.constant(null),
  resent: fc.constantFrom('email', 'text', 'both', null),
});

const createReportRows = (messages: MessageRow[]) =>
  messages.length === 0
    ? fc.constant<ReportRow[]>([])
    : fc.array(
        fc.record<ReportRow>({
          messageId: fc.constantFrom(...messages.map(({ id }) => id)),
          kind: fc.constantFrom('delivered', 'delayed', 'bounced', 'complained', 'failed'),
          at: times,
          reason: fc.constantFrom('The mailbox is full.', 'There is no such mailbox.', null),
        }),
        { maxLength: 12 },
      );

const timelineRows: fc.Arbitrary<TimelineRows> = fc
  .uniqueArray(messageRows, { maxLength: 8, selector: ({ id }) => id })
  .chain((messages) =>
    fc.record<TimelineRows>({
      readAt: fc.constant(at(600)),
      reveals: fc.tuple(
        fc.oneof(createRevealRows('a'), createEndedRevealRows('a')),
        createEndedRevealRows('b'),
      ),
      messages: fc.constant(messages),
      reports: createReportRows(messages),
      openings: fc.array(
        fc.record({
          id: fc.uuid(),
          revealId: fc.constantFrom(...REVEAL_IDS),
          at: times,
          hasInteraction: fc.boolean(),
        }),
        { maxLength: 5 },
      ),
      auditEvents: fc.array(auditEventRows, { maxLength: 8 }),
    }),
  );

const shuffle = <T>(values: T[]) => fc.shuffledSubarray(values, { minLength: values.length });
const listKeyDeliveries = (timeline: ReturnType<typeof composeTimeline>) =>
  timeline.current ? [timeline.current, ...timeline.earlier] : timeline.earlier;

describe('composeTimeline', () => {
  it('does not depend on the order of the rows', () => {
    const pairs = timelineRows.chain((one) =>
      fc.record({
        one: fc.constant(one),
        other: fc.record<TimelineRows>({
          readAt: fc.constant(one.readAt),
          reveals: shuffle(one.reveals),
          messages: shuffle(one.messages),
          reports: shuffle(one.reports),
          openings: shuffle(one.openings),
          auditEvents: shuffle(one.auditEvents),
        }),
      }),
    );
    fc.assert(
      fc.property(pairs, ({ one, other }) => {
        expect(composeTimeline(other)).toEqual(composeTimeline(one));
      }),
    );
  });

  it('ignores repeated reports', () => {
    fc.assert(
      fc.property(timelineRows, (one) => {
        const repeated = { ...one, reports: [...one.reports, ...one.reports] };
        expect(composeTimeline(repeated)).toEqual(composeTimeline(one));
      }),
    );
  });

  it('sorts entries by time, beginning with the start', () => {
    fc.assert(
      fc.property(timelineRows, (all) => {
        for (const { entries, startedAt } of listKeyDeliveries(composeTimeline(all))) {
          const entryTimes = entries.map((entry) => entry.at);
          expect(entryTimes).toEqual(entryTimes.toSorted());
          expect(entries[0]).toMatchObject({ kind: 'started', at: startedAt });
          expect(new Set(entries.map(({ key }) => key)).size).toBe(entries.length);
        }
      }),
    );
  });

  it('puts causes before effects: queued, sent, reported; shown, used', () => {
    fc.assert(
      fc.property(timelineRows, (all) => {
        const keysByDelivery = listKeyDeliveries(composeTimeline(all)).map(({ entries }) =>
          entries.map(({ key }) => key),
        );
        const positionOf = (key: string) =>
          keysByDelivery.map((keys) => keys.indexOf(key)).find((position) => position >= 0) ?? -1;
        for (const { id, state } of all.messages) {
          const [queued, end] = [positionOf(`${id}:queued`), positionOf(`${id}:${state}`)];
          if (state !== 'queued') expect(end).toBeGreaterThan(queued);
          for (const { messageId, kind } of all.reports) {
            if (messageId === id) {
              expect(positionOf(`${id}:reported-${kind}`)).toBeGreaterThan(Math.max(queued, end));
            }
          }
        }
        for (const { id, firstUse, endReason } of all.reveals) {
          if (!firstUse || endReason !== 'shown') continue;
          expect(positionOf(`${id}:use`)).toBeGreaterThan(positionOf(`${id}:shown`));
        }
      }),
    );
  });
});
