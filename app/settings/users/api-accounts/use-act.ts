'use client';
import { useCallback, useRef, useState } from 'react';

/** Why an act did not come about, where no field is to blame. */
export type Failure = { message: string; signInAgain: boolean };

type Refused = { ok: false; reason: 'signed_out' | 'wrong_role' | 'foreign_request'; message: string };

const NO_ANSWER =
  'The server did not answer, so it is not certain whether this was done. Check your connection, then try again.';

function isRefused(result: object): result is Refused {
  const reason = 'reason' in result ? result.reason : undefined;
  return reason === 'signed_out' || reason === 'wrong_role' || reason === 'foreign_request';
}

/**
 * Calls a server action once at a time (a double click acts once), and turns a refusal, a lost connection or
 * a failing server into a `failure` to show. `act` gives null then, and where an act is under way already.
 */
export function useAct<Input, Result extends object>(action: (input: Input) => Promise<Result>) {
  const busy = useRef(false);
  const [pending, setPending] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);

  const act = useCallback(
    async (input: Input): Promise<Exclude<Result, Refused> | null> => {
      if (busy.current) return null;
      busy.current = true;
      setPending(true);
      setFailure(null);
      try {
        const result = await action(input);
        if (!isRefused(result)) return result as Exclude<Result, Refused>;
        setFailure({ message: result.message, signInAgain: result.reason === 'signed_out' });
      } catch {
        // The cause is in the server's log, or in the browser's console where the connection was lost.
        setFailure({ message: NO_ANSWER, signInAgain: false });
      } finally {
        busy.current = false;
        setPending(false);
      }
      return null;
    },
    [action],
  );

  return { act, pending, failure, setFailure };
}
