'use client';
import { type ShownSecret, ShownSecretDialog } from '../shown-secret-dialog.tsx';

type SigningSecretDialogProps = { shown: ShownSecret | null; onClose: () => void };

/** Shows the signing secret of a new endpoint, or a new one, once. */
export function SigningSecretDialog(props: SigningSecretDialogProps) {
  return (
    <ShownSecretDialog {...props} title="Your new signing secret" noun="signing secret">
      Save it where the system reads its secrets. With it, the system verifies that events come from
      Stagedoor. If you lose it, rotate it.
    </ShownSecretDialog>
  );
}
