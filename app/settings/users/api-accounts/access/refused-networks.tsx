'use client';
import { Button } from '#components/button.tsx';
import { RelativeTime } from '#components/local-time.tsx';
import { Notice } from '#components/notice.tsx';
import type { NetworkUse } from '#lib/api-accounts/networks/schema.ts';
import { isInTypedNetworks, splitNetworks } from '#lib/platform/user-input/networks.ts';

/** How many addresses are listed. */
const MAX_LISTED = 3;

type RefusedNetworksProps = {
  use: NetworkUse;
  /** Lines as typed. */
  typed: string[] | null;
  /** Adds an address to the list. */
  onAdd: (ipAddress: string) => void;
};

/** Shows from which IP addresses requests were refused in the last 24 hours, and lets them be added to the list. */
export function RefusedNetworks({ use: { refused, readAt }, typed, onAdd }: RefusedNetworksProps) {
  if (refused.length === 0) return null;
  const networks = splitNetworks(typed ?? []).map(({ text }) => text);
  const listed = refused.slice(0, MAX_LISTED);
  const moreCount = refused.length - listed.length;
  return (
    <Notice tone="warning" title="Requests were refused because of their network">
      <ul className="grid gap-1.5">
        {listed.map(({ ipAddress, lastSeenAt }) => (
          <li key={ipAddress} className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <span className="min-w-0 break-words">
              <bdi translate="no" className="font-medium">
                {ipAddress}
              </bdi>
              <span>, </span>
              <RelativeTime at={lastSeenAt} now={readAt} isMidSentence />
            </span>
            {isInTypedNetworks(ipAddress, networks) ? (
              <span className="text-muted text-sm">In the list: save to allow it.</span>
            ) : (
              <Button size="sm" aria-label={`Add to the list: ${ipAddress}`} onClick={() => onAdd(ipAddress)}>
                Add to the list
              </Button>
            )}
          </li>
        ))}
      </ul>
      {moreCount > 0 && <p>{`And from ${moreCount} more.`}</p>}
      <p className="text-sm">
        If this is the company, add the address to its allowed networks. If it isn’t, someone else may have
        the key: reset it.
      </p>
    </Notice>
  );
}
