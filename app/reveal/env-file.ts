import { KEY_VARIABLE } from './snippets.ts';

/**
 * Quotes a value so that shells, `node --env-file`, Docker Compose and the dotenv libraries read it alike: between single
 * quotes nothing has a meaning. A value with a single quote needs double quotes, and then a backslash before what would
 * have a meaning. Node.js does not remove that backslash, but no format works everywhere.
 */
function quoteValue(value: string): string {
  if (!value.includes("'")) return `'${value}'`;
  return `"${value.replace(/["$\\`]/g, '\\$&')}"`;
}

type EnvFileValues = { organisation: string; username: string; key: string; baseUrl: string | null };

/** Builds an `.env` file with the credentials. Its variables are those of the snippets. */
export function buildEnvFile({ organisation, username, key, baseUrl }: EnvFileValues): string {
  return [
    `# Access to the API of ${organisation.replace(/\s+/g, ' ')}. Do not commit this file to version control.`,
    ...(baseUrl === null ? [] : [`API_BASE_URL=${quoteValue(baseUrl)}`]),
    `API_USERNAME=${quoteValue(username)}`,
    `${KEY_VARIABLE}=${quoteValue(key)}`,
    '',
  ].join('\n');
}

/** Returns the name of the file. Browsers do not save names that begin with a dot, so it begins with the organisation's. */
export function buildEnvFileName(organisation: string): string {
  const ascii = organisation.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  const words = ascii.match(/[a-z0-9]+/g);
  return `${words?.join('-').slice(0, 40).replace(/-$/, '') || 'api'}.env`;
}
