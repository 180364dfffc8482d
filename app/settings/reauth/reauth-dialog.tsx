'use client';
import { Dialog } from '#components/dialog.tsx';
import { Spinner } from '#components/spinner.tsx';
import { ActionFailure } from '../action-failure.tsx';
import type { ReauthPrompt } from '../use-server-action.ts';
import { ReauthForm } from './reauth-form.tsx';
import { useReauthMethods } from './use-reauth.ts';

/**
 * Asks the user to re-authenticate, over the dialog whose action requires it.
 * Render it inside that dialog and beside its form, so that what was typed there stays.
 */
export function ReauthDialog({ isOpen, onDone }: ReauthPrompt) {
  return (
    <Dialog
      open={isOpen}
      onOpenChange={() => onDone(false)}
      title="Confirm that it is you"
      description="This needs a confirmation no older than 15 minutes. What you were about to do goes on afterwards."
    >
      <DialogContent onDone={onDone} />
    </Dialog>
  );
}

function DialogContent({ onDone }: Pick<ReauthPrompt, 'onDone'>) {
  const { methods, failure } = useReauthMethods();
  if (failure) return <ActionFailure failure={failure} />;
  if (!methods) {
    return (
      <p role="status" className="flex items-center gap-2 text-muted">
        <Spinner />
        One moment…
      </p>
    );
  }
  return <ReauthForm methods={methods} onDone={onDone} />;
}
