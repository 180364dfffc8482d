import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MAX_SCOPE_LENGTH, MAX_SCOPES } from '#lib/api-accounts/scopes/schema.ts';
import config from '../../next.config.mjs';
import { MAX_ACCOUNTS, MAX_SELECTED } from './limits.ts';
import { startBulkJobSchema } from './schema.ts';

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
    expect(config.experimental?.serverActions?.bodySizeLimit).toBe('16kb');
    expect(JSON.stringify([job]).length).toBeLessThan(16 * 1024);
  });
});
