import { POPULAR_DOMAINS, run } from '@zootools/email-spell-checker';
import { normalizeEmail } from './email.ts';

/** Domains of mail providers that the library's list lacks. */
const MORE_DOMAINS = [
  'hotmail.com',
  'hotmail.co.uk',
  'live.co.uk',
  'outlook.com',
  'virginmedia.com',
  'yahoo.com',
  'yahoo.co.uk',
];
/** Companies have short domains that differ from those of providers by a letter, such as `we.com` and `me.com`. */
const MIN_DOMAIN_LENGTH = 9;
const DOMAINS = [...POPULAR_DOMAINS, ...MORE_DOMAINS].filter(({ length }) => length >= MIN_DOMAIN_LENGTH);
/** Providers whose domains resemble that of a larger one. */
const SIMILAR_DOMAINS = new Set(['mail.com', 'email.com']);
/** Endings that resemble `.com`, but may be intended. */
const INTENDED_ENDING = /\.(?:[a-z]{2}|cam)$/;

/**
 * Suggests an email address if the domain of the typed one is likely to be mistyped, such as `gmial.com`.
 * @returns null if it looks right
 */
export function suggestEmail(typed: string): string | null {
  const email = normalizeEmail(typed);
  const at = email.lastIndexOf('@');
  if (at < 1 || SIMILAR_DOMAINS.has(email.slice(at + 1))) return null;
  const suggestion = run({
    email,
    domains: DOMAINS,
    secondLevelDomains: [],
    topLevelDomains: INTENDED_ENDING.test(email) ? [] : ['com'],
    topLevelThreshold: 1,
  });
  return suggestion ? `${email.slice(0, at)}@${suggestion.domain}` : null;
}
