'use client';
import type { RefObject } from 'react';
import { Tabs } from '#components/tabs.tsx';
import type { AccountSummary } from '#lib/api-accounts/schema.ts';
import { HistoryPanel } from './history-panel.tsx';
import { KeyDeliveryPanel } from './key-delivery-panel.tsx';
import { UsagePanel } from './usage-panel.tsx';

type AccountPanelsProps = {
  account: AccountSummary;
  /** Takes the focus if the editor was opened for the key delivery. */
  container: RefObject<HTMLDivElement | null>;
};

/**
 * Shows the account's key delivery, usage and history. Starts with the usage if the account is active and has a key, and
 * no message failed.
 */
export function AccountPanels({ account, container }: AccountPanelsProps) {
  const isInUse = account.status === 'active' && account.deliveryProblems.length === 0;
  return (
    <div
      ref={container}
      tabIndex={-1}
      className="min-w-0 border-line outline-none max-lg:border-t max-lg:pt-4 lg:border-s lg:ps-8"
    >
      <Tabs
        label="About this account"
        initialTab={isInUse ? 'Usage' : 'Delivery'}
        tabs={[
          { name: 'Delivery', content: <KeyDeliveryPanel accountId={account.id} /> },
          { name: 'Usage', content: <UsagePanel accountId={account.id} /> },
          { name: 'History', content: <HistoryPanel accountId={account.id} /> },
        ]}
      />
    </div>
  );
}
