import { describe, expect, it } from 'vitest';
import { WEBHOOK_EVENT_TYPES } from '#lib/webhooks/schema.ts';
import { EVENT_GROUPS, getEventLabel } from './event-labels.ts';

describe('EVENT_GROUPS', () => {
  it('has each type of event once, with a label', () => {
    const types = EVENT_GROUPS.flatMap(({ events }) => Object.keys(events));
    expect(types.toSorted()).toEqual([...WEBHOOK_EVENT_TYPES].toSorted());
    for (const type of [...types, 'webhook.test']) expect(getEventLabel(type)).not.toBe(type);
  });
});
