import { describe, expect, it } from 'vitest';
import { FILTER_NAMES, listActiveFilters } from './filter.ts';
import { auditFilterSchema } from './schema.ts';

describe('FILTER_NAMES', () => {
  it('has every filter of the schema', () => {
    expect([...FILTER_NAMES]).toEqual(Object.keys(auditFilterSchema.shape));
  });
});

describe('listActiveFilters', () => {
  it('leaves out empty filters', () => {
    expect(listActiveFilters({ search: 'ada', action: '', outcome: 'done' })).toEqual([
      ['search', 'ada'],
      ['outcome', 'done'],
    ]);
  });
});
