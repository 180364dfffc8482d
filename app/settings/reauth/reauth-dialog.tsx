'use client';
import { Dialog } from '#components/dialog.tsx';
import { Spinner } from '#components/spinner.tsx';
import { ActionFailure } from '../action-failure.tsx';
import type { ReauthRequested } from '../use-server-action.ts';
import { ReauthForm } from './reauth-form.tsx';
import { useReauthMethods } from './use-reauth.ts';

/**
 * Asks whoever sits there to confirm that they are the person who signed in, over the dialog whose act wants it. It
 * stands inside that dialog, beside its form; what was typed there stays.
 */
export function ReauthDialog({ asked, onDone }: ReauthRequested) {
  return (
    <Dialog
      open={asked}
      onOpenChange={() => onDone(false)}
      title="Confirm that it is you"
      description="This needs a confirmation no older than 15 minutes. What you were about to do goes on afterwards."
    >
      <ReauthMethods onDone={onDone} />
    </Dialog>
  );
}

function ReauthMethods({ onDone }: Pick<ReauthRequested, 'onDone'>) {
  const { ways, failure } = useReauthMethods();
  if (failure) return <ActionFailure failure={failure} />;
  if (!ways) {
    return (
      <p role="status" className="flex items-center gap-2 text-muted">
        <Spinner />
        One moment…
      </p>
    );
  }
  return <ReauthForm ways={ways} onDone={onDone} />;
}
