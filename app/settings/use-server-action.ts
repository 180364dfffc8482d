'use client';
import { useCallback, useRef, useState } from 'react';
import { STAGEDOOR_UPDATED } from '#components/update-notice.tsx';
import type { ReauthenticationRequired, Refusal } from '#lib/platform/authorization/roles.ts';
import { REFUSAL_STATUS } from '#lib/platform/authorization/status.ts';
import { type ActionEffect, describeUnknownResult, trackAction } from '../latest-action.ts';
import { isOutdated } from '../request-errors.ts';
import { MALFORMED_REQUEST } from './malformed-request.ts';

/** Why an action failed, if no field is at fault. */
export type Failure = {
  message: string;
  needsSignIn: boolean;
  /** Whether the server has been updated since the page was loaded, so that no action of the page works any more. */
  isOutdated?: boolean;
};

export const OUTDATED: Failure = { message: STAGEDOOR_UPDATED, needsSignIn: false, isOutdated: true };

/**
 * Describes a call of an action without a result. The server's log has the cause; if the connection was lost, the
 * browser's console has it.
 */
export const toFailure = (error: unknown, effect: ActionEffect | null): Failure =>
  isOutdated(error) ? OUTDATED : { message: describeUnknownResult(error, effect), needsSignIn: false };

/** Results that `useServerAction` handles itself. */
type HandledResult = Refusal | ReauthenticationRequired | typeof MALFORMED_REQUEST;

/** The props of `ReauthDialog`. */
export type ReauthPrompt = { isOpen: boolean; onDone: (hasReauthenticated: boolean) => void };

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
 * @param effect what the action changes, a constant; null if it changes nothing
 */
export function useServerAction<Input, Result extends object>(
  action: (input: Input) => Promise<Result>,
  effect: ActionEffect | null,
) {
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
        let result = await trackAction(effect, () => action(input));
        if (getReason(result) === 'reauthentication_required' && (await promptReauth()))
          result = await trackAction(effect, () => action(input));
        if (getReason(result) === 'reauthentication_required')
          setFailure({ message: NOT_REAUTHENTICATED, needsSignIn: false });
        else if (getReason(result) === MALFORMED_REQUEST.reason) setFailure(OUTDATED);
        else if (!isRefusal(result)) return result as Exclude<Result, HandledResult>;
        else setFailure({ message: result.message, needsSignIn: result.reason === 'signed_out' });
      } catch (error) {
        setFailure(toFailure(error, effect));
      } finally {
        isBusy.current = false;
        setPending(false);
      }
      return null;
    },
    [action, effect, promptReauth],
  );

  return { run, pending, failure, setFailure, reauth };
}
