'use client';
import type { ReactNode } from 'react';
import { RelativeTime } from '#components/local-time.tsx';
import { Notice } from '#components/notice.tsx';
import type { NetworkUse } from '#lib/api-accounts/networks/schema.ts';
import { splitNetworks } from '#lib/platform/user-input/networks.ts';
import { findRefusedByList } from './network-suggestions.ts';

/** How many addresses are named. */
const MAX_NAMED = 3;

type NetworksConsequenceProps = {
  saved: string[] | null;
  /** Lines as typed. */
  typed: string[] | null;
  use: NetworkUse;
};

const toText = (lines: string[] | null) =>
  splitNetworks(lines ?? [])
    .map(({ text }) => text)
    .toSorted()
    .join(' ');

/** Shows below changed networks which requests will be refused. */
export function NetworksConsequence(props: NetworksConsequenceProps) {
  return (
    <div role="status" className="not-empty:mt-2.5">
      {toText(props.typed) !== toText(props.saved) && <ChangedNetworks {...props} />}
    </div>
  );
}

function ChangedNetworks({ typed, use }: NetworksConsequenceProps) {
  if (toText(typed) === '')
    return (
      <Notice tone="info">
        <p>When you save, this company’s keys work from anywhere.</p>
      </Notice>
    );
  const refused = findRefusedByList(typed ?? [], use);
  const [latest] = use.allowed;
  if (!latest)
    return (
      <Notice tone="info">
        <p>
          When you save, requests from elsewhere are refused. There are none to compare the list with, so
          check it with the company.
        </p>
      </Notice>
    );
  if (refused.length === 0)
    return (
      <Notice tone="info">
        <p>
          {use.hasMore
            ? 'When you save, requests from elsewhere are refused. More addresses were used in the last 30 days than we record, so check the list with the company.'
            : 'When you save, requests from elsewhere are refused. All addresses that were used in the last 30 days are in the list.'}
        </p>
      </Notice>
    );
  const isLatestRefused = refused[0] === latest;
  const others = isLatestRefused ? refused.slice(1) : refused;
  return (
    <Notice tone="warning" title="When you save, addresses in recent use are refused">
      {isLatestRefused && (
        <p>
          <span>The last request, </span>
          <RelativeTime at={latest.lastSeenAt} now={use.readAt} isMidSentence />
          <span>, came from </span>
          <Address>{latest.ipAddress}</Address>
          <span>, which isn’t in the list: the next one from there will be refused.</span>
        </p>
      )}
      {others.length > 0 && (
        <p>
          <span>
            {isLatestRefused
              ? 'So will requests from other addresses that were used in the last 30 days: '
              : 'Requests will be refused from these addresses, which were used in the last 30 days: '}
          </span>
          <Addresses addresses={others.map(({ ipAddress }) => ipAddress)} />
        </p>
      )}
    </Notice>
  );
}

function Addresses({ addresses }: { addresses: string[] }) {
  const named = addresses.slice(0, MAX_NAMED);
  const moreCount = addresses.length - named.length;
  return (
    <span>
      {named.map((address, index) => (
        <span key={address}>
          {index > 0 && <span>, </span>}
          <Address>{address}</Address>
        </span>
      ))}
      <span>{moreCount > 0 ? ` and ${moreCount} more.` : '.'}</span>
    </span>
  );
}

function Address({ children }: { children: ReactNode }) {
  return (
    <bdi translate="no" className="break-words font-medium">
      {children}
    </bdi>
  );
}
