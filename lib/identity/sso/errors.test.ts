import { describe, expect, it } from 'vitest';
import { describeSsoError, REQUIRED_CLAIMS, SSO_ERRORS } from './errors.ts';

describe('describeSsoError', () => {
  it.each(REQUIRED_CLAIMS)('names the missing claim %s', (claim) => {
    expect(describeSsoError(`missing_${claim}`, 'Northwind')).toContain(
      `Northwind didn’t send the claim “${claim}”. Ask your IT team`,
    );
  });

  it('names the claim for roles as in the settings', () => {
    const message = describeSsoError('missing_role_claim', 'Northwind', 'realm_access.roles');
    expect(message).toContain('“realm_access.roles”');
  });

  it('says what to do about a missing email address, not that it is unverified', () => {
    expect(describeSsoError('missing_email', 'Northwind')).not.toContain('verif');
    expect(describeSsoError('no_email', 'Northwind')).toContain('hasn’t verified your email address');
  });

  it('says which setting of the provider to change if the signing algorithm is not accepted', () => {
    expect(describeSsoError('unsupported_algorithm', 'Northwind')).toMatch(/signing algorithm .* to RS256/);
  });

  it('describes every error', () => {
    for (const reason of SSO_ERRORS) expect(describeSsoError(reason, 'Northwind')).toMatch(/^\S.*\.$/);
  });
});
