import { ACCESS_TOKEN_TAG } from '#lib/access-tokens/schema.ts';
import { isWellFormedKey, KEY_LENGTH } from '#lib/api-keys/api-key.ts';
import { settings } from '#lib/platform/config/settings.ts';

/** Returns whether a text is a well-formed API key or access token, whether or not it ever existed. */
export const isKeyOrToken = (text: string): boolean =>
  [settings().apiKeyTag, ACCESS_TOKEN_TAG].some((tag) => isWellFormedKey(text, tag));

/** Finds the well-formed API keys and access tokens in a text, also those without a space before or after them. */
export function findKeys(text: string): string[] {
  // Tags are letters and digits, so they need no escaping. The lookahead also finds keys that begin within another match.
  const pattern = new RegExp(
    `(?=((?:${settings().apiKeyTag}|${ACCESS_TOKEN_TAG})[0-9A-Za-z]{${KEY_LENGTH - 8}}))`,
    'g',
  );
  const found = [...text.matchAll(pattern)].map(([, key = '']) => key);
  return [...new Set(found)].filter(isKeyOrToken);
}
