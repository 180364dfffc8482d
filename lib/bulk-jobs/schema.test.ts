import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MAX_SCOPE_LENGTH, MAX_SCOPES } from '#lib/api-accounts/scopes/schema.ts';
import config from '../../next.config.mjs';
import { IMPORT_PART_BYTES, MAX_ACCOUNTS, MAX_IMPORT_PARTS, MAX_SELECTED } from './limits.ts';
import { importPartSchema, startBulkJobSchema } from './schema.ts';

/** Expects that the limit of `next.config.mjs` for the arguments of a server action accepts this one. */
function expectToFit(argument: object): void {
  expect(config.experimental?.serverActions?.bodySizeLimit).toBe('16kb');
  expect(JSON.stringify([argument]).length).toBeLessThan(16 * 1024);
}

describe('startBulkJobSchema', () => {
  it('accepts as many accounts and scopes as fit into the arguments of a server action', () => {
    const scopes = Array.from({ length: MAX_SCOPES }, (_, index) =>
      `scope-${index}-`.padEnd(MAX_SCOPE_LENGTH, 'x'),
    );
    const job = {
      id: randomUUID(),
      selection: { ids: Array.from({ length: MAX_SELECTED }, () => randomUUID()) },
      change: { operation: 'set_scopes', scopes },
      count: MAX_ACCOUNTS,
    };
    expect(startBulkJobSchema.safeParse(job).success).toBe(true);
    expectToFit(job);
  });
});

describe('importPartSchema', () => {
  it('accepts a part that fits into the arguments of a server action, and no larger one', () => {
    const createPart = (bytes: number) => ({
      id: randomUUID(),
      part: MAX_IMPORT_PARTS - 1,
      content: Buffer.alloc(bytes).toString('base64'),
    });
    const largest = createPart(IMPORT_PART_BYTES);
    expect(importPartSchema.safeParse(largest).success).toBe(true);
    expectToFit(largest);
    expect(importPartSchema.safeParse(createPart(IMPORT_PART_BYTES + 1)).success).toBe(false);
  });
});
