'use client';
import { useCallback, useEffect, useState } from 'react';
import type { AccountUsage } from '#lib/api-accounts/usage/schema.ts';
import { loadUsage } from '../actions.ts';
import { describeLoadFailure, describeSignedOut, MISSING_ACCOUNT } from '../failure-messages.ts';

export type UsageState =
  | { status: 'loading' }
  | { status: 'loaded'; usage: AccountUsage }
  | { status: 'failed'; message: string; signInAgain: boolean };

async function loadState(id: string): Promise<UsageState> {
  try {
    const result = await loadUsage({ id });
    if (result.ok) return { status: 'loaded', usage: result.usage };
    if (result.reason === 'signed_out')
      return { status: 'failed', message: describeSignedOut('usage'), signInAgain: true };
    const message = result.reason === 'missing' ? MISSING_ACCOUNT : result.message;
    return { status: 'failed', message, signInAgain: false };
  } catch {
    // The server's log has the cause; if the connection was lost, the browser's console has it.
    return { status: 'failed', message: describeLoadFailure('Usage'), signInAgain: false };
  }
}

/** Loads an account's usage on mount. */
export function useUsage(id: string): { state: UsageState; tryAgain: () => void } {
  const [state, setState] = useState<UsageState>({ status: 'loading' });

  const load = useCallback(async () => {
    setState({ status: 'loading' });
    setState(await loadState(id));
  }, [id]);

  useEffect(() => {
    void load();
  }, [load]);

  return { state, tryAgain: load };
}
