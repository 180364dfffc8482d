'use client';
import { Dialog } from '#components/dialog.tsx';
import { Spinner } from '#components/spinner.tsx';
import { REAUTH_TITLE } from '#lib/identity/mfa/schema.ts';
import { ActionFailure } from '../action-failure.tsx';
import type { ReauthPrompt } from '../use-server-action.ts';
import { ReauthForm } from './reauth-form.tsx';
import { useReauthMethods } from './use-reauth.ts';

/**
 * Asks the user to re-authenticate, over the dialog whose action requires it.
 * Render it inside that dialog, which then stays open and keeps what was typed.
 */
export function ReauthDialog({ isOpen, onDone }: ReauthPrompt) {
  return (
    <Dialog
      open={isOpen}
      onOpenChange={() => onDone(false)}
      title={REAUTH_TITLE}
      description="We check this for security. Then we’ll carry on where you left off."
    >
      <ReauthDialogContent onDone={onDone} />
    </Dialog>
  );
}

function ReauthDialogContent({ onDone }: Pick<ReauthPrompt, 'onDone'>) {
  const { methods, failure } = useReauthMethods();
  if (failure) return <ActionFailure failure={failure} />;
  if (!methods) {
    return (
      <p role="status" className="flex items-center gap-2 text-muted">
        <Spinner />
        <span>Loading…</span>
      </p>
    );
  }
  return <ReauthForm methods={methods} onDone={onDone} />;
}
