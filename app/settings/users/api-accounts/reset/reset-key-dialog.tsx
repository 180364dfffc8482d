'use client';
import { Button } from '#components/button.tsx';
import { Dialog, DialogButtons } from '#components/dialog.tsx';
import { EmailAddress } from '#components/email-address.tsx';
import { Notice } from '#components/notice.tsx';
import { useToast } from '#components/toast.tsx';
import type { AccountSummary } from '#lib/api-accounts/schema.ts';
import { ActionFailure } from '../../../action-failure.tsx';
import { ReauthDialog } from '../../../reauth/reauth-dialog.tsx';
import { useServerAction } from '../../../use-server-action.ts';
import { resetKey } from '../actions.ts';
import { describeBlockedSms } from '../blocked-sms.ts';

type ResetKeyDialogProps = { open: boolean; onClose: () => void; account: AccountSummary };

/** Describes what happens to the account's current key, link and code. */
function describeConsequence(account: AccountSummary): string {
  switch (account.status) {
    case 'active':
      return 'The present key stops working at once, and does not come back.';
    case 'waiting':
      return 'There is no key yet. The link and the code that were sent stop working at once.';
    case 'link_expired':
      return 'There is no key, and the link that was sent has expired. New ones are sent.';
    case 'locked':
      return 'There is no key, and the link that was sent is locked. New ones are sent.';
    case 'inactive':
      return 'The present key, if there is one, is gone for good, and so are any link and code under way.';
  }
}

export function ResetKeyDialog({ open, onClose, account }: ResetKeyDialogProps) {
  return (
    <Dialog
      open={open}
      onOpenChange={onClose}
      title="Reset API Key"
      description={
        <span>
          For the API account{' '}
          <bdi translate="no" className="break-words font-medium text-ink">
            {account.username}
          </bdi>
        </span>
      }
    >
      <ResetKeyForm account={account} onClose={onClose} />
    </Dialog>
  );
}

function ResetKeyForm({ account, onClose }: { account: AccountSummary; onClose: () => void }) {
  const toast = useToast();
  const { run, pending, failure, setFailure, reauth } = useServerAction(resetKey);

  async function reset() {
    const result = await run({ id: account.id });
    if (result?.ok && result.account.smsBlockedReason !== null) {
      const { username, email, phone, smsBlockedReason } = result.account;
      onClose();
      toast({
        tone: 'danger',
        title: `The API key of ${username} was reset, but no text was sent`,
        description: `The new link goes to ${email}. ${describeBlockedSms(phone, smsBlockedReason)}`,
      });
    } else if (result?.ok) {
      onClose();
      toast({
        title: `The API key of ${account.username} was reset`,
        description: `The new link goes to ${result.account.email} and the new code to ${result.account.phone}. With both, they see the new key, once.`,
      });
    } else if (result) {
      setFailure({
        message: 'This API account is no longer there. Nothing was changed.',
        signInAgain: false,
      });
    }
  }

  return (
    <div className="grid gap-4">
      <Notice tone="warning" title={describeConsequence(account)}>
        {account.status === 'inactive' && (
          <p>The account stays inactive: the new key is refused until you make the account active.</p>
        )}
      </Notice>
      <dl className="grid gap-x-4 gap-y-1 sm:grid-cols-[auto_minmax(0,1fr)]">
        <dt className="text-muted">A new link goes to</dt>
        <dd className="min-w-0 break-words font-medium max-sm:mb-2">
          <EmailAddress>{account.email}</EmailAddress>
        </dd>
        <dt className="text-muted">A new code goes to</dt>
        <dd className="font-medium tabular-nums">{account.phone}</dd>
      </dl>
      <p className="text-muted text-sm">
        Should they go elsewhere? Cancel, and change the addresses first, by a click on the email address.
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
