import { MAX_ADDRESSES, type NetworkUse } from '#lib/api-accounts/networks/schema.ts';
import { MAX_NETWORKS } from '#lib/api-accounts/schema.ts';
import { isInTypedNetworks, splitNetworks } from '#lib/platform/user-input/networks.ts';

const formatUsed = (count: number) =>
  count === 1 ? '1 address that was used' : `${count} addresses that were used`;

/** Describes why nothing can be suggested; null if something can. */
export function describeSuggestion({ allowed, hasMore }: NetworkUse): string | null {
  if (allowed.length === 0)
    return 'Nothing to suggest: no request has been allowed in the last 30 days, apart from tests.';
  if (hasMore)
    return `Used from more than ${MAX_ADDRESSES - 1} addresses in the last 30 days. Ask the company for its ranges.`;
  return null;
}

/** Returns the addresses in recent use that are in none of the networks, as typed; the latest first. */
export function findRefusedByList(lines: readonly string[], { allowed }: NetworkUse): NetworkUse['allowed'] {
  const networks = splitNetworks(lines).map(({ text }) => text);
  return allowed.filter(({ ipAddress }) => !isInTypedNetworks(ipAddress, networks));
}

/** Finds the networks in recent use that the list lacks. `message` says what was added, or why nothing was. */
export function suggestNetworks(
  lines: readonly string[],
  use: NetworkUse,
): { added: string[]; message: string } {
  const missing = findRefusedByList(lines, use);
  const added = [...new Set(missing.map(({ network }) => network))];
  if (added.length === 0) {
    const message = 'All addresses that were used in the last 30 days are in the list.';
    return { added, message };
  }
  const total = splitNetworks(lines).length + added.length;
  if (total > MAX_NETWORKS) {
    const message = `The list would have ${total} entries, which is too many. Ask the company for its ranges.`;
    return { added: [], message };
  }
  return { added, message: `Added ${formatUsed(missing.length)} in the last 30 days.` };
}

type SavedNetworks = Record<'before' | 'after', { allowedNetworks: string[] | null }>;

/** Describes saved networks; false if they are the same as before. */
export function describeSavedNetworks({ before, after }: SavedNetworks): string | false {
  const [former, current] = [before.allowedNetworks, after.allowedNetworks];
  if (former?.join() === current?.join()) return false;
  if (current === null) return 'It’s allowed from anywhere.';
  return current.length === 1
    ? `It’s allowed from ${current[0]} only.`
    : `It’s allowed from ${current.length} networks only.`;
}
