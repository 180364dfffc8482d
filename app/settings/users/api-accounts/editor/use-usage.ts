'use client';
import { useCallback, useEffect, useState } from 'react';
import type { AccountUsage } from '#lib/api-accounts/usage/schema.ts';
import { loadUsage } from '../actions.ts';

export type UsageState =
  | { status: 'loading' }
  | { status: 'loaded'; usage: AccountUsage }
  | { status: 'failed'; message: string; signInAgain: boolean };

const NO_RESPONSE = 'The figures could not be loaded. What stands in the form is not affected.';
const SIGNED_OUT = 'Your session has ended, so the figures cannot be shown.';
const MISSING = 'This API account is no longer there.';

async function loadState(id: string): Promise<UsageState> {
  try {
    const result = await loadUsage({ id });
    if (result.ok) return { status: 'loaded', usage: result.usage };
    if (result.reason === 'signed_out') return { status: 'failed', message: SIGNED_OUT, signInAgain: true };
    const message = result.reason === 'missing' ? MISSING : result.message;
    return { status: 'failed', message, signInAgain: false };
  } catch {
    // The cause is in the server's log, or in the browser's console if the connection was lost.
    return { status: 'failed', message: NO_RESPONSE, signInAgain: false };
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
