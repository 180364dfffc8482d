import type { Environment } from './environment.ts';

/** The claim that determines a user's role, and its values that grant each role. */
export type RoleByClaim = {
  /** A claim's name, or its path: `realm_access.roles`. */
  claim: string;
  administrators: string[];
  viewers: string[];
};

/** The OpenID provider at which users sign in. */
export type SingleSignOn = {
  provider: 'entra' | 'google' | 'other';
  /** The `iss` claim of the provider's ID tokens. */
  issuer: string;
  /** The provider's name on the sign-in button. */
  name: string;
  clientId: string;
  clientSecret: string;
  /** The only Google Workspace domain that may sign in. Null for other providers. */
  hostedDomain: string | null;
  /** Null: administrators assign roles manually. */
  roles: RoleByClaim | null;
};

const GOOGLE_ISSUER = 'https://accounts.google.com';
const buildEntraIssuer = (tenant: string) => `https://login.microsoftonline.com/${tenant.toLowerCase()}/v2.0`;

const PROVIDER_VARIABLE_LIST = 'OIDC_ISSUER, OIDC_ENTRA_TENANT or OIDC_GOOGLE_DOMAIN';

/** Finds errors in the settings that map claims to roles. */
function findRoleErrors({
  OIDC_ROLE_CLAIM,
  OIDC_ADMINISTRATORS = [],
  OIDC_VIEWERS = [],
}: Environment): string[] {
  const hasAdministrators = OIDC_ADMINISTRATORS.length > 0;
  if (OIDC_ROLE_CLAIM && !hasAdministrators)
    return [
      'OIDC_ADMINISTRATORS is missing: set the values of OIDC_ROLE_CLAIM that make a user an administrator',
    ];
  if (!OIDC_ROLE_CLAIM && (hasAdministrators || OIDC_VIEWERS.length > 0))
    return ['OIDC_ROLE_CLAIM is missing: set the claim that contains OIDC_ADMINISTRATORS and OIDC_VIEWERS'];
  return [];
}

/** Finds errors in the single sign-on settings. Each is a sentence that begins with a variable's name. */
export function findSsoErrors(parsed: Environment): string[] {
  const { OIDC_ISSUER, OIDC_ENTRA_TENANT, OIDC_GOOGLE_DOMAIN, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET } = parsed;
  const setProviders = Object.entries({ OIDC_ISSUER, OIDC_ENTRA_TENANT, OIDC_GOOGLE_DOMAIN }).filter(
    ([, value]) => value,
  );
  if (setProviders.length > 1)
    return [`${setProviders.map(([name]) => name).join(' and ')} are set: use only one`];
  const { OIDC_NAME, OIDC_ROLE_CLAIM, OIDC_ADMINISTRATORS, OIDC_VIEWERS, PASSWORD_SIGN_IN } = parsed;
  const providerVariable = setProviders[0]?.[0];
  if (!providerVariable) {
    const dependentSettings = {
      OIDC_CLIENT_ID,
      OIDC_CLIENT_SECRET,
      OIDC_NAME,
      OIDC_ROLE_CLAIM,
      OIDC_ADMINISTRATORS,
      OIDC_VIEWERS,
    };
    const errors = Object.entries(dependentSettings)
      .filter(([, value]) => value !== undefined)
      .map(([name]) => `${name} also needs ${PROVIDER_VARIABLE_LIST}: set one of them, or remove ${name}`);
    if (PASSWORD_SIGN_IN === '0')
      errors.push(
        `PASSWORD_SIGN_IN must be 1 without ${PROVIDER_VARIABLE_LIST}: otherwise users can’t sign in`,
      );
    return errors;
  }
  const missingErrors = Object.entries({ OIDC_CLIENT_ID, OIDC_CLIENT_SECRET })
    .filter(([, value]) => !value)
    .map(([name]) => `${name} is missing: ${providerVariable} needs it`);
  return [...missingErrors, ...findRoleErrors(parsed)];
}

function resolveIssuer(parsed: Environment): Pick<SingleSignOn, 'provider' | 'issuer' | 'name'> | null {
  const { OIDC_ISSUER: issuer, OIDC_ENTRA_TENANT: tenant, OIDC_GOOGLE_DOMAIN: domain } = parsed;
  if (tenant) return { provider: 'entra', issuer: buildEntraIssuer(tenant), name: 'Microsoft' };
  if (domain) return { provider: 'google', issuer: GOOGLE_ISSUER, name: 'Google' };
  return issuer ? { provider: 'other', issuer, name: new URL(issuer).hostname } : null;
}

/** Builds the single sign-on settings from valid variables. Returns null if no provider is configured. */
export function buildSingleSignOn(parsed: Environment): SingleSignOn | null {
  const issuer = resolveIssuer(parsed);
  const { OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret, OIDC_ROLE_CLAIM: claim } = parsed;
  if (!issuer || !clientId || !clientSecret) return null;
  const { OIDC_ADMINISTRATORS: administrators = [], OIDC_VIEWERS: viewers = [] } = parsed;
  return {
    ...issuer,
    name: parsed.OIDC_NAME || issuer.name,
    clientId,
    clientSecret,
    hostedDomain: parsed.OIDC_GOOGLE_DOMAIN ?? null,
    roles: claim ? { claim, administrators, viewers } : null,
  };
}
