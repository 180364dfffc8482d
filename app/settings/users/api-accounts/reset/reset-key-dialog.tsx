'use client';
import { useState } from 'react';
import { Button } from '#components/button.tsx';
import { Dialog, DialogButtons } from '#components/dialog.tsx';
import { EmailAddress } from '#components/email-address.tsx';
import { useToast } from '#components/toast.tsx';
import type { AccountSummary, OldKeyChoice } from '#lib/api-accounts/schema.ts';
import { ActionFailure } from '../../../action-failure.tsx';
import { ReauthDialog } from '../../../reauth/reauth-dialog.tsx';
import { describeQueued } from '../../../test-mode/describe-queued.ts';
import { useOutboxChannels } from '../../../test-mode/outbox-channels.tsx';
import { useServerAction } from '../../../use-server-action.ts';
import { resetKey } from '../actions.ts';
import { describeBlockedSms } from '../blocked-sms.ts';
import { MISSING_ACCOUNT } from '../failure-messages.ts';
import { OldKeyEndTime } from '../old-key-end.tsx';
import { KeyChangeNotice, type RefusedReset } from './key-change-notice.tsx';
import { OldKeyField } from './old-key-field.tsx';
import { RecentUse } from './recent-use.tsx';
import { ResetConsequence } from './reset-consequence.tsx';
import { explainNoChoice } from './reset-labels.ts';

const EFFECT = {
  done: 'The API key was reset.',
  maybe: 'The API key may have been reset. You can try again: we’ll ask first if it was.',
};

type ResetKeyFormProps = {
  account: AccountSummary;
  onClose: () => void;
  /** Shows the account's details instead of this dialog. */
  onEdit: (account: AccountSummary) => void;
};

export function ResetKeyDialog({ open, ...form }: ResetKeyFormProps & { open: boolean }) {
  return (
    <Dialog
      open={open}
      onOpenChange={form.onClose}
      title="Reset API Key"
      description={
        <span>
          For the API account{' '}
          <bdi translate="no" className="break-words font-medium text-ink">
            {form.account.username}
          </bdi>
        </span>
      }
    >
      <ResetKeyForm {...form} />
    </Dialog>
  );
}

function ResetKeyForm({ account: original, onClose, onEdit }: ResetKeyFormProps) {
  const toast = useToast();
  const outbox = useOutboxChannels();
  /** What the dialog shows, and the server compares with the current state. */
  const [account, setAccount] = useState(original);
  const [refused, setRefused] = useState<RefusedReset | null>(null);
  const [choice, setChoice] = useState<OldKeyChoice>('immediately');
  const noChoiceReason = explainNoChoice(account);
  const oldKey = noChoiceReason === null ? choice : 'immediately';
  const { run, pending, failure, setFailure, reauth } = useServerAction(resetKey, EFFECT);

  async function reset() {
    const { id, version, revealId, hasKey } = account;
    const result = await run({ id, seen: { version, revealId, hasKey }, oldKey });
    if (result?.ok && result.account.smsBlockedReason !== null) {
      const { username, email, smsBlockedReason } = result.account;
      onClose();
      const queued = describeQueued({ email: { content: 'a new link', recipient: email } }, outbox);
      toast({
        tone: 'danger',
        title: `API key reset for ${username}, but the text wasn’t sent`,
        description: (
          <>
            <span>{`${queued} ${describeBlockedSms(smsBlockedReason)} `}</span>
            <OldKeyOutcome choice={oldKey} expiresAt={result.oldKeyExpiresAt} />
          </>
        ),
        about: id,
      });
    } else if (result?.ok) {
      const { username, email, phone } = result.account;
      onClose();
      const messages = {
        email: { content: 'a new link', recipient: email },
        sms: { content: 'a new code', recipient: phone },
      };
      toast({
        title: `API key reset for ${username}`,
        description: (
          <>
            <span>{`${describeQueued(messages, outbox)} They’ll need both to see the new key. `}</span>
            <OldKeyOutcome choice={oldKey} expiresAt={result.oldKeyExpiresAt} />
          </>
        ),
        about: id,
      });
    } else if (result?.reason === 'changed') {
      const { current, change, readAt } = result;
      setAccount(current);
      setRefused({ change, hasKey: current.hasKey, readAt });
    } else if (result) {
      setFailure({ message: `${MISSING_ACCOUNT} Nothing was changed.`, needsSignIn: false });
    }
  }

  return (
    <div className="grid gap-4">
      {refused && <KeyChangeNotice {...refused} />}
      {(account.hasKey || account.oldKey || account.lastUsedAt) && <RecentUse accountId={account.id} />}
      {noChoiceReason === null && <OldKeyField value={choice} onChange={setChoice} />}
      <div role="status">
        <ResetConsequence account={account} choice={oldKey} noChoiceReason={noChoiceReason} />
      </div>
      <dl className="grid gap-x-4 gap-y-1 sm:grid-cols-[auto_minmax(0,1fr)]">
        <dt className="text-muted">New link to</dt>
        <dd className="min-w-0 break-words font-medium max-sm:mb-2">
          <EmailAddress>{account.email}</EmailAddress>
        </dd>
        <dt className="text-muted">New code to</dt>
        <dd className="font-medium tabular-nums">{account.phone}</dd>
      </dl>
      <p className="text-muted text-sm">
        Wrong details?{' '}
        <button
          type="button"
          className="font-medium underline underline-offset-2"
          onClick={() => onEdit(account)}
        >
          Edit them first
        </button>
        .
      </p>
      <ActionFailure failure={failure} />
      <ReauthDialog {...reauth} />
      <DialogButtons>
        <Button onClick={onClose}>Cancel</Button>
        <Button variant="danger" pending={pending} pendingLabel="Resetting…" onClick={reset}>
          Reset API Key
        </Button>
      </DialogButtons>
    </div>
  );
}

const ENDS_ON = { on_collection: 'collection', on_first_use: 'first_use' } as const;

type OldKeyOutcomeProps = { choice: OldKeyChoice; expiresAt: Date | null };

/** Says until when the old key works after the reset, if the administrator chose that. */
function OldKeyOutcome({ choice, expiresAt }: OldKeyOutcomeProps) {
  if (choice === 'immediately') return null;
  if (!expiresAt) return <span>The old key has stopped working.</span>;
  const endsOn = typeof choice === 'object' ? null : ENDS_ON[choice];
  return (
    <>
      <span>The old key works </span>
      <OldKeyEndTime endsOn={endsOn} expiresAt={expiresAt.toISOString()} />
      <span>.</span>
    </>
  );
}
