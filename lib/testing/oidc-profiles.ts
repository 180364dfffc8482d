import { v7 as uuidv7 } from 'uuid';
import type { OidcProfile } from '#lib/identity/sso/validate-claims.ts';

/** Returns an OIDC profile with a unique subject. */
export function createOidcProfile(fields: Partial<OidcProfile> = {}): OidcProfile {
  const sub = uuidv7();
  return {
    issuerAndSubject: `https://id.example.org ${sub}`,
    email: `${sub}@example.com`,
    name: 'Grace Hopper',
    role: undefined,
    authenticatedAt: new Date(),
    ...fields,
  };
}
