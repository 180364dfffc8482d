'use client';
import { useCallback, useRef, useState } from 'react';
import type { ReauthenticationRequired, Refusal } from '#lib/platform/authorization/roles.ts';
import { REFUSAL_STATUS } from '#lib/platform/authorization/status.ts';

/** Why an act did not come about, where no field is to blame. */
export type Failure = { message: string; signInAgain: boolean };

/** What the action itself never has to handle: it is shown as a `failure`, or asked for and tried again. */
type Handled = Refusal | ReauthenticationRequired;

/** For `ReauthDialog`: whether it is asked for, and what is to be called when it is done. */
export type ReauthRequested = { asked: boolean; onDone: (proven: boolean) => void };

const NO_RESPONSE =
  'The server did not answer, so it is not certain whether this was done. Check your connection, then try again.';
const NOT_PROVEN = 'Nothing was changed, since you have not confirmed that it is you. Try again to do so.';

const reasonOf = (result: object) => ('reason' in result ? result.reason : undefined);

function isRefused(result: object): result is Refusal {
  const reason = reasonOf(result);
  return typeof reason === 'string' && Object.hasOwn(REFUSAL_STATUS, reason);
}

/** Asks for a fresh proof of who somebody is, and waits for the answer. */
function useProof() {
  const answer = useRef<((proven: boolean) => void) | null>(null);
  const [asked, setAsked] = useState(false);
  const ask = useCallback(() => {
    setAsked(true);
    return new Promise<boolean>((resolve) => {
      answer.current = resolve;
    });
  }, []);
  const onDone = useCallback((proven: boolean) => {
    setAsked(false);
    answer.current?.(proven);
    answer.current = null;
  }, []);
  return { ask, proof: { asked, onDone } };
}

/**
 * Calls a server action once at a time (a double click acts once), and turns a refusal, a lost connection or
 * a failing server into a `failure` to show. Where the action wants a fresh proof of who does it, that is asked for
 * (the caller shows a `ReauthDialog` with `proof`), and the action called again. `act` gives null where nothing came
 * of it, and where an act is under way already.
 */
export function useServerAction<Input, Result extends object>(action: (input: Input) => Promise<Result>) {
  const busy = useRef(false);
  const [pending, setPending] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const { ask, proof } = useProof();

  const act = useCallback(
    async (input: Input): Promise<Exclude<Result, Handled> | null> => {
      if (busy.current) return null;
      busy.current = true;
      setPending(true);
      setFailure(null);
      try {
        let result = await action(input);
        if (reasonOf(result) === 'reauthentication_required' && (await ask())) result = await action(input);
        if (reasonOf(result) === 'reauthentication_required')
          setFailure({ message: NOT_PROVEN, signInAgain: false });
        else if (!isRefused(result)) return result as Exclude<Result, Handled>;
        else setFailure({ message: result.message, signInAgain: result.reason === 'signed_out' });
      } catch {
        // The cause is in the server's log, or in the browser's console where the connection was lost.
        setFailure({ message: NO_RESPONSE, signInAgain: false });
      } finally {
        busy.current = false;
        setPending(false);
      }
      return null;
    },
    [action, ask],
  );

  return { act, pending, failure, setFailure, proof };
}
