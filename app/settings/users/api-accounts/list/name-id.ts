/**
 * Builds the id of the element that names an account in the list, which its buttons refer to. A part of the account's id is
 * enough, and a page has many: the last 12 digits of a UUID are random.
 */
export const buildNameId = (accountId: string) => `name-${accountId.slice(-12)}`;
