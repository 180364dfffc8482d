'use client';
import { createContext, type ReactNode, use } from 'react';
import type { OutboxChannels } from '#lib/platform/config/provider-settings.ts';

const OutboxChannelsContext = createContext<OutboxChannels>({ email: false, sms: false });

type OutboxChannelsProviderProps = { channels: OutboxChannels; children: ReactNode };

/** Provides its children with the information which messages go to the outbox. */
export function OutboxChannelsProvider({ channels, children }: OutboxChannelsProviderProps) {
  return <OutboxChannelsContext value={channels}>{children}</OutboxChannelsContext>;
}

/** Returns which messages go to the outbox instead of to people. */
export const useOutboxChannels = (): OutboxChannels => use(OutboxChannelsContext);
