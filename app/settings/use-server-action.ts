'use client';
import { useCallback, useRef, useState } from 'react';
import type { ReauthenticationRequired, Refusal } from '#lib/platform/authorization/roles.ts';
import { REFUSAL_STATUS } from '#lib/platform/authorization/status.ts';

/** Why an action failed, if no field is at fault. */
export type Failure = { message: string; needsSignIn: boolean };

/** Results that `useServerAction` handles itself. */
type HandledResult = Refusal | ReauthenticationRequired;

/** The props of `ReauthDialog`. */
export type ReauthPrompt = { isOpen: boolean; onDone: (hasReauthenticated: boolean) => void };

const OUTCOME_UNKNOWN =
  'We didn’t get a response, so this may or may not have worked. Reload the page to check before you try again.';
const NOT_REAUTHENTICATED = 'Nothing was changed because you didn’t confirm it’s you.';

const getReason = (result: object) => ('reason' in result ? result.reason : undefined);

function isRefusal(result: object): result is Refusal {
  const reason = getReason(result);
  return typeof reason === 'string' && Object.hasOwn(REFUSAL_STATUS, reason);
}

/** Returns `promptReauth`, which opens the re-authentication dialog and waits until it closes. */
function useReauthPrompt() {
  const pendingPrompt = useRef<ReauthPrompt['onDone'] | null>(null);
  const [isOpen, setIsOpen] = useState(false);
  const promptReauth = useCallback(() => {
    setIsOpen(true);
    return new Promise<boolean>((resolve) => {
      pendingPrompt.current = resolve;
    });
  }, []);
  const onDone = useCallback((hasReauthenticated: boolean) => {
    setIsOpen(false);
    pendingPrompt.current?.(hasReauthenticated);
    pendingPrompt.current = null;
  }, []);
  return { promptReauth, reauth: { isOpen, onDone } };
}

/**
 * Calls a server action, one call at a time, so that a double click acts once.
 * A refusal, a lost connection or a server error becomes a `failure` to show. If the action requires
 * re-authentication, the hook asks for it and calls the action again; the caller renders a `ReauthDialog` with
 * `reauth`. `run` returns null if the call failed or another one is running.
 */
export function useServerAction<Input, Result extends object>(action: (input: Input) => Promise<Result>) {
  const isBusy = useRef(false);
  const [pending, setPending] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const { promptReauth, reauth } = useReauthPrompt();

  const run = useCallback(
    async (input: Input): Promise<Exclude<Result, HandledResult> | null> => {
      if (isBusy.current) return null;
      isBusy.current = true;
      setPending(true);
      setFailure(null);
      try {
        let result = await action(input);
        if (getReason(result) === 'reauthentication_required' && (await promptReauth()))
          result = await action(input);
        if (getReason(result) === 'reauthentication_required')
          setFailure({ message: NOT_REAUTHENTICATED, needsSignIn: false });
        else if (!isRefusal(result)) return result as Exclude<Result, HandledResult>;
        else setFailure({ message: result.message, needsSignIn: result.reason === 'signed_out' });
      } catch {
        // The server's log has the cause; if the connection was lost, the browser's console has it.
        setFailure({ message: OUTCOME_UNKNOWN, needsSignIn: false });
      } finally {
        isBusy.current = false;
        setPending(false);
      }
      return null;
    },
    [action, promptReauth],
  );

  return { run, pending, failure, setFailure, reauth };
}
