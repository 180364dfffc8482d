'use client';
import { Button } from '#components/button.tsx';
import { Dialog, DialogButtons } from '#components/dialog.tsx';
import { Notice } from '#components/notice.tsx';
import { useToast } from '#components/toast.tsx';
import type { RemoveFactorResult } from '#lib/identity/mfa/remove-factor.ts';
import { getMinPasswordLength } from '#lib/identity/passwords/schema.ts';
import type { Refusal } from '#lib/platform/authorization/roles.ts';
import { ActionFailure } from '../../action-failure.tsx';
import type { MALFORMED_REQUEST } from '../../malformed-request.ts';
import { ReauthDialog } from '../../reauth/reauth-dialog.tsx';
import { useServerAction } from '../../use-server-action.ts';

type RemoveFactorProps = {
  onClose: () => void;
  factorName: string;
  consequence: string;
  remove: () => Promise<RemoveFactorResult | Refusal | typeof MALFORMED_REQUEST>;
};

const EFFECT = {
  done: 'The sign-in method was removed.',
  maybe: 'It may have been removed: reload the page to check.',
};

const FAILURE_MESSAGES = {
  not_found: 'This has already been removed. Reload the page.',
  replaced: 'Not removed: you’ve set up another app since you opened this page. Reload the page to see it.',
  last_factor:
    'Your organisation requires two-step sign-in, and this is your only method. Add another first.',
  password_too_short: `Without two-step sign-in, your password needs at least ${getMinPasswordLength({ hasFactor: false })} characters. Choose a longer one first.`,
} as const;

/** Asks for confirmation before it removes a factor. */
export function RemoveFactorDialog({
  open,
  title,
  ...props
}: RemoveFactorProps & { open: boolean; title: string }) {
  return (
    <Dialog
      open={open}
      onOpenChange={props.onClose}
      title={title}
      description={<bdi className="break-words font-medium text-ink">{props.factorName}</bdi>}
    >
      <RemoveFactorForm {...props} />
    </Dialog>
  );
}

function RemoveFactorForm({ onClose, factorName, consequence, remove }: RemoveFactorProps) {
  const toast = useToast();
  const { run, pending, failure, setFailure, reauth } = useServerAction(remove, EFFECT);

  async function confirm() {
    const result = await run(undefined as never);
    if (!result) return;
    if (!result.ok) return setFailure({ message: FAILURE_MESSAGES[result.reason], needsSignIn: false });
    onClose();
    toast({ title: `${factorName} removed` });
  }

  return (
    <div className="grid gap-4">
      <Notice tone="warning">
        <p>{consequence}</p>
      </Notice>
      <ActionFailure failure={failure} />
      <ReauthDialog {...reauth} />
      <DialogButtons>
        <Button onClick={onClose}>Cancel</Button>
        <Button variant="danger" pending={pending} pendingLabel="Removing…" onClick={confirm}>
          Remove
        </Button>
      </DialogButtons>
    </div>
  );
}
