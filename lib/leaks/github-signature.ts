import { verify } from 'node:crypto';
import { settings } from '#lib/platform/config/settings.ts';
import { GithubKeys } from './github-keys.ts';

const cachedKeys = new Map<string, GithubKeys>();

/** Returns this process's cache of the keys at a URL. */
function getKeys(url: string): GithubKeys {
  const keys = cachedKeys.get(url) ?? new GithubKeys(url);
  cachedKeys.set(url, keys);
  return keys;
}

/** An ECDSA signature with P-256 in DER has at most 72 bytes, which are 96 characters of base64. */
const SIGNATURE = /^[0-9A-Za-z+/]{60,96}={0,2}$/;
const KEY_ID = /^[0-9A-Za-z._-]{1,128}$/;

/**
 * Verifies that GitHub signed a report (docs.github.com, "Secret scanning partner program": ECDSA-NIST-P256V1-SHA256 over the
 * raw body).
 * @returns `none` if the request has no signature, GITHUB_SECRET_SCANNING is not set, or GitHub's keys are unavailable: the
 *   request is then as good as every other one
 */
export async function checkGithubSignature(
  headers: Headers,
  body: Uint8Array,
): Promise<'valid' | 'invalid' | 'none'> {
  const url = settings().githubKeysUrl;
  const id = headers.get('github-public-key-identifier');
  const signature = headers.get('github-public-key-signature');
  if (url === null || (id === null && signature === null)) return 'none';
  if (!KEY_ID.test(id ?? '') || !SIGNATURE.test(signature ?? '')) return 'invalid';
  const key = await getKeys(url).find(id ?? '');
  if (key === null) return 'none';
  return key && verify('sha256', body, key, Buffer.from(signature ?? '', 'base64')) ? 'valid' : 'invalid';
}
