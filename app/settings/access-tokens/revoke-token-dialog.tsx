'use client';
import { type FormEvent, type RefObject, useRef } from 'react';
import { Button } from '#components/button.tsx';
import { Dialog, DialogButtons } from '#components/dialog.tsx';
import { RelativeTime } from '#components/local-time.tsx';
import { Notice } from '#components/notice.tsx';
import { useToast } from '#components/toast.tsx';
import type { AccessTokenDetails } from '#lib/access-tokens/schema.ts';
import { ActionFailure } from '../action-failure.tsx';
import { useServerAction } from '../use-server-action.ts';
import { revokeAccessToken } from './actions.ts';

const EFFECT = {
  done: 'The access token was revoked.',
  maybe: 'The access token may have been revoked: check the list before you try again.',
};

type RevokeTokenProps = { token: AccessTokenDetails; onClose: () => void };

/**
 * Revokes an access token after a confirmation.
 * @param props.buttonAboveList gets the focus afterwards, because the button that opened the dialog has disappeared
 */
export function RevokeTokenDialog({
  open,
  token,
  onClose,
  buttonAboveList,
}: RevokeTokenProps & { open: boolean; buttonAboveList: RefObject<HTMLButtonElement | null> }) {
  const toast = useToast();
  const hasRevoked = useRef(false);

  function handleRevoked() {
    hasRevoked.current = true;
    onClose();
    toast({ title: `Access token ${token.name} revoked`, about: token.name });
  }

  function getFinalFocus() {
    const target = hasRevoked.current ? buttonAboveList.current : null;
    hasRevoked.current = false;
    return target ?? true;
  }

  return (
    <Dialog
      open={open}
      onOpenChange={onClose}
      title="Revoke access token"
      description={<bdi translate="no">{token.name}</bdi>}
      finalFocus={getFinalFocus}
    >
      <RevokeTokenForm token={token} onClose={onClose} onRevoked={handleRevoked} />
    </Dialog>
  );
}

function RevokeTokenForm({ token, onClose, onRevoked }: RevokeTokenProps & { onRevoked: () => void }) {
  const { run, pending, failure, setFailure } = useServerAction(revokeAccessToken, EFFECT);
  const { id, lastUsedAt } = token;

  async function submit(event: FormEvent) {
    event.preventDefault();
    const result = await run({ id });
    if (!result) return;
    if (result.ok) onRevoked();
    else {
      const message = 'This token was already revoked. Reload the page.';
      setFailure({ message, needsSignIn: false });
    }
  }

  return (
    <form onSubmit={submit} noValidate className="grid gap-4">
      <Notice tone="warning" title="Programs that use it stop working immediately">
        <p>
          {lastUsedAt ? (
            <>
              <span>It was last used </span>
              <RelativeTime at={lastUsedAt} now={new Date()} isMidSentence />
              <span>. </span>
            </>
          ) : (
            <span>It was never used. </span>
          )}
          <span>You can’t undo this, but you can create another token. API keys aren’t affected.</span>
        </p>
      </Notice>
      <ActionFailure failure={failure} />
      <DialogButtons>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="danger" pending={pending} pendingLabel="Revoking…">
          Revoke access token
        </Button>
      </DialogButtons>
    </form>
  );
}
