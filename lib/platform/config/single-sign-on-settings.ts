import { z } from 'zod';
import { isWebUrl } from '#lib/platform/http/web-url.ts';

/** Which values of a claim give which role. */
export type RoleByClaim = {
  /** A claim by its name, or by the way to it: `realm_access.roles`. */
  claim: string;
  administrators: string[];
  viewers: string[];
};

/** The OpenID provider at which people sign in. */
export type SingleSignOn = {
  provider: 'entra' | 'google' | 'other';
  /** As the provider's ID tokens name it. */
  issuer: string;
  /** What the button calls it. */
  name: string;
  clientId: string;
  clientSecret: string;
  /** Google: only people of this Google Workspace; null for any other provider. */
  hostedDomain: string | null;
  /** Null: roles are given by hand. */
  roles: RoleByClaim | null;
};

const GOOGLE = 'https://accounts.google.com';
const entraIssuer = (tenant: string) => `https://login.microsoftonline.com/${tenant.toLowerCase()}/v2.0`;

const values = z.string().transform((text) =>
  text
    .split(',')
    .map((value) => value.trim())
    .filter(Boolean),
);

/** The variables about single sign-on, each by itself. */
export const ssoVariables = {
  OIDC_ISSUER: z
    .string()
    .refine(isWebUrl, { error: 'must begin with https:// (http:// only for localhost)' })
    .optional(),
  // One tenant's people, never "common": any other tenant could give its people any address.
  OIDC_ENTRA_TENANT: z
    .guid({
      error:
        'must be the directory (tenant) ID that Microsoft Entra shows: 32 hexadecimal digits in 5 groups',
    })
    .optional(),
  OIDC_GOOGLE_DOMAIN: z
    .string()
    .toLowerCase()
    .regex(/^(?=.{4,253}$)([a-z0-9-]{1,63}\.)+[a-z0-9-]{2,63}$/, {
      error: 'must be the domain of your Google Workspace, such as example.org',
    })
    .optional(),
  OIDC_CLIENT_ID: z.string().optional(),
  OIDC_CLIENT_SECRET: z.string().optional(),
  OIDC_NAME: z.string().trim().max(40, { error: 'must have at most 40 characters' }).optional(),
  OIDC_ROLE_CLAIM: z.string().trim().optional(),
  OIDC_ADMINISTRATORS: values.optional(),
  OIDC_VIEWERS: values.optional(),
  PASSWORD_SIGN_IN: z.enum(['0', '1'], { error: 'must be 1 or 0' }).default('1'),
};

type Variables = z.infer<z.ZodObject<typeof ssoVariables>>;

const PROVIDERS = 'OIDC_ISSUER, OIDC_ENTRA_TENANT or OIDC_GOOGLE_DOMAIN';

function mistakesInRoles({
  OIDC_ROLE_CLAIM,
  OIDC_ADMINISTRATORS = [],
  OIDC_VIEWERS = [],
}: Variables): string[] {
  const some = OIDC_ADMINISTRATORS.length > 0;
  if (OIDC_ROLE_CLAIM && !some)
    return ['OIDC_ADMINISTRATORS is missing: OIDC_ROLE_CLAIM needs the values that make an administrator'];
  if (!OIDC_ROLE_CLAIM && (some || OIDC_VIEWERS.length > 0))
    return ['OIDC_ROLE_CLAIM is missing: OIDC_ADMINISTRATORS and OIDC_VIEWERS are values of it'];
  return [];
}

/** What a mistake in the settings of single sign-on is, each as a sentence that begins with a variable's name. */
export function mistakesInSso(variables: Variables): string[] {
  const { OIDC_ISSUER, OIDC_ENTRA_TENANT, OIDC_GOOGLE_DOMAIN, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET } =
    variables;
  const chosen = Object.entries({ OIDC_ISSUER, OIDC_ENTRA_TENANT, OIDC_GOOGLE_DOMAIN }).filter(
    ([, value]) => value,
  );
  if (chosen.length > 1)
    return [`${chosen.map(([name]) => name).join(' and ')} are both set: choose one of them`];
  const { OIDC_NAME, OIDC_ROLE_CLAIM, OIDC_ADMINISTRATORS, OIDC_VIEWERS, PASSWORD_SIGN_IN } = variables;
  const provider = chosen[0]?.[0];
  if (!provider) {
    const needless = {
      OIDC_CLIENT_ID,
      OIDC_CLIENT_SECRET,
      OIDC_NAME,
      OIDC_ROLE_CLAIM,
      OIDC_ADMINISTRATORS,
      OIDC_VIEWERS,
    };
    const mistakes = Object.entries(needless)
      .filter(([, value]) => value !== undefined)
      .map(([name]) => `${name} goes together with ${PROVIDERS}: set one of them, or none`);
    if (PASSWORD_SIGN_IN === '0')
      mistakes.push(`PASSWORD_SIGN_IN must be 1 without ${PROVIDERS}: nobody could sign in`);
    return mistakes;
  }
  const missing = Object.entries({ OIDC_CLIENT_ID, OIDC_CLIENT_SECRET })
    .filter(([, value]) => !value)
    .map(([name]) => `${name} is missing: ${provider} needs it`);
  return [...missing, ...mistakesInRoles(variables)];
}

function issuerOf(variables: Variables): Pick<SingleSignOn, 'provider' | 'issuer' | 'name'> | null {
  const { OIDC_ISSUER: issuer, OIDC_ENTRA_TENANT: tenant, OIDC_GOOGLE_DOMAIN: domain } = variables;
  if (tenant) return { provider: 'entra', issuer: entraIssuer(tenant), name: 'Microsoft' };
  if (domain) return { provider: 'google', issuer: GOOGLE, name: 'Google' };
  return issuer ? { provider: 'other', issuer, name: new URL(issuer).hostname } : null;
}

/** The OpenID provider, by settings without a mistake; null where there is none. */
export function singleSignOn(variables: Variables): SingleSignOn | null {
  const found = issuerOf(variables);
  const { OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret, OIDC_ROLE_CLAIM: claim } = variables;
  if (!found || !clientId || !clientSecret) return null;
  const { OIDC_ADMINISTRATORS: administrators = [], OIDC_VIEWERS: viewers = [] } = variables;
  return {
    ...found,
    name: variables.OIDC_NAME || found.name,
    clientId,
    clientSecret,
    hostedDomain: variables.OIDC_GOOGLE_DOMAIN ?? null,
    roles: claim ? { claim, administrators, viewers } : null,
  };
}
