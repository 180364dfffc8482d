import type { AccountDetails } from '#lib/api-accounts/schema.ts';
import { formatWhen, isExpired, toExpiryTime } from './access-labels.ts';

/** What saving a change does. */
export type AccessEffect = { tone: 'info' | 'warning'; title?: string; text: string };

type Account = Pick<AccountDetails, 'expiresAt' | 'scopes' | 'hasKey' | 'readAt'>;

const CONFIRM = 'You may have to confirm it’s you.';

const formatOr = (names: string[]) => new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(names);

/**
 * Describes what saving another expiry does; null if the entered one is the saved one or invalid.
 * @param typed what was entered
 * @param timeZone the organisation's (IANA name)
 */
export function describeExpiryEffect(
  { expiresAt, hasKey, readAt }: Account,
  typed: { expiresAt: Date | string | null; active: boolean },
  timeZone: string,
): AccessEffect | null {
  const before = toExpiryTime(expiresAt) ?? Number.POSITIVE_INFINITY;
  const after = toExpiryTime(typed.expiresAt) ?? Number.POSITIVE_INFINITY;
  if (Number.isNaN(after) || after === before) return null;
  const key = hasKey ? 'the API key' : 'any key they collect';
  const wasExpired = isExpired(expiresAt, readAt);
  if (isExpired(typed.expiresAt, readAt)) {
    if (wasExpired) return { tone: 'info', text: 'This time has passed, too: the account stays expired.' };
    return {
      tone: 'warning',
      title: `When you save, ${key} stops working immediately`,
      text: 'This time has passed. Set a later expiry to give access with the same key. We don’t notify them.',
    };
  }
  const when = after === Number.POSITIVE_INFINITY ? null : formatWhen(new Date(after), timeZone);
  if (after < before)
    return { tone: 'info', text: `From ${when}, requests are refused until you set a later expiry.` };
  const until = when === null ? 'without an expiry' : `until ${when}`;
  const works = wasExpired ? 'works again' : 'keeps working';
  const text = typed.active
    ? `When you save, ${key} ${works} ${until}.`
    : `The account is inactive: ${key} works ${until} once you tick “This API account is active”.`;
  return { tone: 'info', text: `${text} ${CONFIRM}` };
}

/** Describes what saving other scopes does; null if the chosen ones are the saved ones. */
export function describeScopesEffect(before: string[] | null, after: string[] | null): AccessEffect | null {
  if (before === null && after === null) return null;
  if (after === null) {
    return {
      tone: 'info',
      text: `When you save, requests that need any scope are allowed. ${CONFIRM}`,
    };
  }
  const gained = after.filter((name) => before !== null && !before.includes(name));
  const lost = before?.filter((name) => !after.includes(name)) ?? [];
  if (before !== null && gained.length === 0 && lost.length === 0) return null;
  const sentences = [
    before === null &&
      `When you save, requests that need ${after.length === 0 ? 'a' : 'any other'} scope are refused.`,
    lost.length > 0 && `When you save, requests that need ${formatOr(lost)} are refused.`,
    gained.length > 0 && `When you save, requests that need ${formatOr(gained)} are allowed. ${CONFIRM}`,
  ];
  return { tone: 'info', text: sentences.filter((sentence) => sentence !== false).join(' ') };
}

type SavedAccess = { before: AccountDetails; after: AccountDetails };

/** Describes a saved expiry; false if it is the same as before. */
export function describeSavedExpiry({ before, after }: SavedAccess, timeZone: string): string | false {
  if (toExpiryTime(before.expiresAt) === toExpiryTime(after.expiresAt)) return false;
  const wasExpired = isExpired(before.expiresAt, after.readAt);
  if (isExpired(after.expiresAt, after.readAt))
    return wasExpired ? 'It stays expired.' : 'It has expired, and its key has stopped working.';
  const worksAgain = wasExpired && after.status === 'active' ? 'Its API key works again. ' : '';
  if (after.expiresAt === null) return `${worksAgain}It doesn’t expire any more.`;
  return `${worksAgain}It expires at ${formatWhen(after.expiresAt, timeZone)}.`;
}

/** Describes saved scopes; false if they are the same as before. */
export function describeSavedScopes({ before, after }: SavedAccess): string | false {
  if (describeScopesEffect(before.scopes, after.scopes) === null) return false;
  if (after.scopes === null) return 'It has full access.';
  if (after.scopes.length === 0) return 'It has no scopes.';
  return `Its scopes are ${new Intl.ListFormat('en-GB').format(after.scopes)}.`;
}
