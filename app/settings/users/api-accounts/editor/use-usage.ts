'use client';
import { useCallback, useEffect, useState } from 'react';
import type { AccountUsage } from '#lib/api-accounts/usage/schema.ts';
import { loadUsage } from '../actions.ts';

export type UsageState =
  | { is: 'loading' }
  | { is: 'loaded'; usage: AccountUsage }
  | { is: 'failed'; message: string; signInAgain: boolean };

const NO_RESPONSE = 'The figures could not be loaded. What stands in the form is not affected.';
const SIGNED_OUT = 'Your session has ended, so the figures cannot be shown.';
const GONE = 'This API account is no longer there.';

async function ask(id: string): Promise<UsageState> {
  try {
    const result = await loadUsage({ id });
    if (result.ok) return { is: 'loaded', usage: result.usage };
    if (result.reason === 'signed_out') return { is: 'failed', message: SIGNED_OUT, signInAgain: true };
    const message = result.reason === 'missing' ? GONE : result.message;
    return { is: 'failed', message, signInAgain: false };
  } catch {
    // The cause is in the server's log, or in the browser's console where the connection was lost.
    return { is: 'failed', message: NO_RESPONSE, signInAgain: false };
  }
}

/** How an account was used, loaded when this is first shown. */
export function useUsage(id: string): { state: UsageState; tryAgain: () => void } {
  const [state, setState] = useState<UsageState>({ is: 'loading' });

  const load = useCallback(async () => {
    setState({ is: 'loading' });
    setState(await ask(id));
  }, [id]);

  useEffect(() => {
    void load();
  }, [load]);

  return { state, tryAgain: load };
}
