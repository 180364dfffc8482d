import { type SQL, sql } from 'drizzle-orm';
import { withoutSlash } from '#lib/platform/http/web-url.ts';

/** Whether an identity is one at this OpenID provider, with a slash at the end of its issuer or not. Needs `identities` in the query. */
export function matchesIssuer(issuer: string): SQL<boolean> {
  const prefix = withoutSlash(issuer);
  return sql<boolean>`(starts_with(identities.issuer_and_subject, ${`${prefix} `})
    or starts_with(identities.issuer_and_subject, ${`${prefix}/ `}))`;
}
