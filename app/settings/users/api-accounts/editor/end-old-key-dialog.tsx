'use client';
import { Button } from '#components/button.tsx';
import { Dialog, DialogButtons } from '#components/dialog.tsx';
import { RelativeTime } from '#components/local-time.tsx';
import { Notice } from '#components/notice.tsx';
import { useToast } from '#components/toast.tsx';
import type { AccountSummary } from '#lib/api-accounts/schema.ts';
import type { OldKey } from '#lib/key-delivery/timeline/schema.ts';
import { ActionFailure } from '../../../action-failure.tsx';
import { useServerAction } from '../../../use-server-action.ts';
import { stopOldKey } from '../actions.ts';
import { MISSING_ACCOUNT } from '../failure-messages.ts';

const EFFECT = {
  done: 'The old key was ended.',
  maybe: 'The old key may have been ended. You can safely try again.',
};

/** What ending the old key means, by the state of the new one. */
const CONSEQUENCES: Record<OldKey['newKey'], { title: string; text: string }> = {
  not_collected: {
    title: 'They’ll have no working key',
    text: 'They haven’t collected the new key yet. Until they have, and use it, all their requests fail.',
  },
  not_used: {
    title: 'Their requests may fail',
    text: 'They’ve collected the new key, but haven’t used it yet. Requests with the old key fail immediately.',
  },
  used: {
    title: 'Requests with the old key fail immediately',
    text: 'They’re using the new key, which keeps working.',
  },
};

type EndOldKeyFormProps = {
  account: Pick<AccountSummary, 'id' | 'username'>;
  /** `oldKey`: null if it has ended since the dialog was opened. */
  state: { oldKey: OldKey | null; readAt: Date };
  onClose: () => void;
  onEnded: () => void;
};

type EndOldKeyDialogProps = EndOldKeyFormProps & { open: boolean; finalFocus: () => HTMLElement | true };

/** Asks before an old key, which still works, is ended. */
export function EndOldKeyDialog({ open, finalFocus, ...form }: EndOldKeyDialogProps) {
  return (
    <Dialog
      open={open}
      onOpenChange={form.onClose}
      finalFocus={finalFocus}
      title="End the old key now?"
      description={
        <span>
          For the API account{' '}
          <bdi translate="no" className="break-words font-medium text-ink">
            {form.account.username}
          </bdi>
        </span>
      }
    >
      <EndOldKeyForm {...form} />
    </Dialog>
  );
}

function EndOldKeyForm({ account: { id, username }, state, onClose, onEnded }: EndOldKeyFormProps) {
  const toast = useToast();
  const { run, pending, failure, setFailure } = useServerAction(stopOldKey, EFFECT);

  async function end() {
    const result = await run({ id });
    if (!result) return;
    if (!result.ok && result.reason === 'not_found')
      return setFailure({ message: MISSING_ACCOUNT, needsSignIn: false });
    onEnded();
    onClose();
    toast(
      result.ok
        ? { title: `Old key of ${username} ended`, description: 'Requests with it are refused.', about: id }
        : { title: `The old key of ${username} had already ended`, tone: 'info', about: id },
    );
  }

  return (
    <div className="grid gap-4">
      <Stake {...state} />
      <ActionFailure failure={failure} />
      <DialogButtons>
        <Button onClick={onClose}>Cancel</Button>
        <Button variant="danger" pending={pending} pendingLabel="Ending…" onClick={end}>
          End old key
        </Button>
      </DialogButtons>
    </div>
  );
}

/** Shows how the old key is used, and what ending it means. */
function Stake({ oldKey, readAt }: EndOldKeyFormProps['state']) {
  if (!oldKey) {
    return (
      <Notice tone="info" announce>
        <p>The old key has stopped working in the meantime.</p>
      </Notice>
    );
  }
  const { lastUsedAt, newKey } = oldKey;
  const { title, text } = CONSEQUENCES[newKey];
  return (
    <>
      <p className="font-medium">
        {lastUsedAt ? (
          <>
            <span>The old key was used </span>
            <RelativeTime at={new Date(lastUsedAt)} now={readAt} isMidSentence />
            <span>.</span>
          </>
        ) : (
          <span>The old key hasn’t been used since the reset.</span>
        )}
      </p>
      <Notice tone="warning" title={title}>
        <p>{`${text} You can’t undo this.`}</p>
      </Notice>
    </>
  );
}
