'use client';
import Link from 'next/link';
import { type MouseEvent, useRef } from 'react';
import { Button } from '#components/button.tsx';
import { useToast } from '#components/toast.tsx';
import type { AccountSummary } from '#lib/api-accounts/schema.ts';
import { ReauthDialog } from '../../../reauth/reauth-dialog.tsx';
import { OUTDATED, useServerAction } from '../../../use-server-action.ts';
import { saveAccount } from '../actions.ts';
import { buildAccountHref } from '../editor/account-href.ts';
import { MISSING_ACCOUNT } from '../failure-messages.ts';
import { LIST_ID } from './accounts-query.ts';
import { buildNameId } from './name-id.ts';
import { useFailureToast } from './use-failure-toast.tsx';

const EFFECT = {
  done: 'The API account was deactivated.',
  maybe: 'The API account may have been deactivated. You can safely try again.',
};

/** For how long clicks are ignored after a row has left: the button of the next row is then below the pointer. */
const IGNORED_MS = 500;
let ignoredUntil = 0;

/** Finds the button of the next row, or else of the previous one. */
function findNeighbour(button: HTMLElement | null): HTMLElement | null {
  const buttons = [...document.querySelectorAll<HTMLElement>('[data-deactivate]')];
  const index = button ? buttons.indexOf(button) : -1;
  return buttons[index + 1] ?? buttons[index - 1] ?? null;
}

/** Deactivates an unused account with one click. Its row then leaves the list. */
export function DeactivateButton({ account }: { account: AccountSummary }) {
  const { id, version, email, phone, username, hasKey } = account;
  const toast = useToast();
  const button = useRef<HTMLButtonElement>(null);
  const { run, pending, failure, setFailure, reauth } = useServerAction(saveAccount, EFFECT);
  useFailureToast(failure, `${username} wasn’t deactivated`, id);

  function showDeactivated(neighbour: HTMLElement | null) {
    const effect = hasKey
      ? 'Its API key has stopped working.'
      : 'Any key they collect won’t work until you reactivate it.';
    toast({
      title: `${username} deactivated`,
      description: (
        <>
          <span>{`${effect} To undo this, `}</span>
          <Link
            href={buildAccountHref(id, 'access')}
            prefetch={false}
            scroll={false}
            className="font-medium underline underline-offset-2"
          >
            open the account
          </Link>
          <span> and tick “This API account is active”.</span>
        </>
      ),
      about: id,
    });
    ignoredUntil = performance.now() + IGNORED_MS;
    (neighbour?.isConnected ? neighbour : document.getElementById(LIST_ID))?.focus();
  }

  async function deactivate({ detail }: MouseEvent) {
    // `detail` is 0 for the keyboard.
    if (detail > 0 && performance.now() < ignoredUntil) return;
    const neighbour = findNeighbour(button.current);
    const result = await run({ id, version, email, phone, active: false });
    if (!result) return;
    // An earlier request, whose response was lost, or another administrator may have done it.
    if (result.ok || (result.reason === 'changed' && !result.current.active)) showDeactivated(neighbour);
    else if (result.reason === 'changed') {
      const message = `${result.changedBy ?? 'Another administrator'} has just changed it. Check it, and try again.`;
      setFailure({ message, needsSignIn: false });
    } else if (result.reason === 'not_found') setFailure({ message: MISSING_ACCOUNT, needsSignIn: false });
    else setFailure(OUTDATED);
  }

  return (
    <>
      <Button
        size="sm"
        ref={button}
        data-deactivate=""
        aria-describedby={buildNameId(id)}
        pending={pending}
        pendingLabel="Deactivating…"
        onClick={deactivate}
        // A key that is held down must not deactivate the next accounts as well.
        onKeyDown={(event) => event.repeat && event.preventDefault()}
      >
        Deactivate
      </Button>
      <ReauthDialog {...reauth} />
    </>
  );
}
