'use client';
import { Dialog } from '#components/dialog.tsx';
import { Spinner } from '#components/spinner.tsx';
import { ActFailure } from '../act-failure.tsx';
import type { ProofAsked } from '../use-act.ts';
import { ProofForm } from './proof-form.tsx';
import { useWays } from './use-giving.ts';

/**
 * Asks whoever sits there to confirm that they are the person who signed in, over the dialog whose act wants it. It
 * stands inside that dialog, beside its form; what was typed there stays.
 */
export function ProofDialog({ asked, onDone }: ProofAsked) {
  return (
    <Dialog
      open={asked}
      onOpenChange={() => onDone(false)}
      title="Confirm that it is you"
      description="This needs a confirmation no older than 15 minutes. What you were about to do goes on afterwards."
    >
      <Ways onDone={onDone} />
    </Dialog>
  );
}

function Ways({ onDone }: Pick<ProofAsked, 'onDone'>) {
  const { ways, failure } = useWays();
  if (failure) return <ActFailure failure={failure} />;
  if (!ways) {
    return (
      <p role="status" className="flex items-center gap-2 text-muted">
        <Spinner />
        One moment…
      </p>
    );
  }
  return <ProofForm ways={ways} onDone={onDone} />;
}
