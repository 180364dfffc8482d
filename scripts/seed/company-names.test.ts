import { describe, expect, it } from 'vitest';
import { newApiAccountSchema } from '#lib/api-accounts/schema.ts';
import { foldUsername } from '#lib/platform/user-input/name.ts';
import { createCompanyName, createDomain } from './company-names.ts';

describe('createCompanyName', () => {
  it('creates another name for each index', () => {
    const names = new Set(
      Array.from({ length: 300_000 }, (_, index) => foldUsername(createCompanyName(index))),
    );
    expect(names.size).toBe(300_000);
  });

  it('creates names and domains that are valid', () => {
    for (let index = 0; index < 250_000; index += 311) {
      const username = createCompanyName(index);
      const email = `it@${createDomain(username)}`;
      expect(newApiAccountSchema.parse({ username, email, phone: '+447700900123' })).toMatchObject({
        username,
        email,
      });
    }
  });
});
