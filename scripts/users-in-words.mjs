/** @typedef {import('#lib/users/list-at-console.ts').ListedUser} ListedUser */

const HEADINGS = ['email', 'name', 'role', 'status', 'second factor', 'last seen'];

/** @type {Record<string, string>} */
const ROLES = { settings_administrator: 'administrator', settings_viewer: 'viewer' };

/** What somebody typed, without what a terminal would obey. @param {string} text */
const harmless = (text) => text.replaceAll(/\p{C}/gu, '?');

/** @param {ListedUser} user */
function factorsOf({ passkeyCount, hasTotp }) {
  const passkeys = passkeyCount === 1 ? 'passkey' : `${passkeyCount} passkeys`;
  return [passkeyCount > 0 ? passkeys : '', hasTotp ? 'app' : ''].filter(Boolean).join(', ') || 'none';
}

/** Whether they may sign in, and can. @param {ListedUser} user */
function statusOf({ active, invited }) {
  if (!active) return 'not active';
  return invited ? 'invited' : 'active';
}

/** @param {ListedUser} user */
function cellsOf(user) {
  const seen = user.lastSeenAt?.toISOString().replace(/^(.{10})T(.{5}).*/, '$1 $2 UTC') ?? 'never';
  const role = user.role ? (ROLES[user.role] ?? user.role) : 'none';
  return [harmless(user.email), harmless(user.name), role, statusOf(user), factorsOf(user), seen];
}

/** Everybody, as a table for a terminal. @param {ListedUser[]} users */
export function usersInWords(users) {
  const rows = [HEADINGS, ...users.map(cellsOf)];
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
