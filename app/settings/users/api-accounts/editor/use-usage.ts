'use client';
import { useCallback, useEffect, useState } from 'react';
import type { AccountUsage } from '#lib/api-accounts/usage/schema.ts';
import { isOutdated } from '../../../../request-errors.ts';
import { type Failure, OUTDATED } from '../../../use-server-action.ts';
import { loadUsage } from '../actions.ts';
import { describeLoadFailure, describeSignedOut, MISSING_ACCOUNT } from '../failure-messages.ts';

export type UsageState =
  | { status: 'loading'; isRetry: boolean }
  | { status: 'loaded'; usage: AccountUsage }
  | ({ status: 'failed' } & Failure);

async function loadUsageState(id: string): Promise<UsageState> {
  try {
    const result = await loadUsage({ id });
    if (result.ok) return { status: 'loaded', usage: result.usage };
    if (result.reason === 'signed_out')
      return { status: 'failed', message: describeSignedOut('usage'), needsSignIn: true };
    const message = result.reason === 'not_found' ? MISSING_ACCOUNT : result.message;
    return { status: 'failed', message, needsSignIn: false };
  } catch (error) {
    // The server's log has the cause; if the connection was lost, the browser's console has it.
    if (isOutdated(error)) return { status: 'failed', ...OUTDATED };
    return { status: 'failed', message: describeLoadFailure('Usage'), needsSignIn: false };
  }
}

/** Loads an account's usage on mount. */
export function useUsage(id: string): { state: UsageState; tryAgain: () => void } {
  const [state, setState] = useState<UsageState>({ status: 'loading', isRetry: false });

  const load = useCallback(
    async (isRetry: boolean) => {
      setState({ status: 'loading', isRetry });
      setState(await loadUsageState(id));
    },
    [id],
  );

  useEffect(() => {
    void load(false);
  }, [load]);

  return { state, tryAgain: () => void load(true) };
}
