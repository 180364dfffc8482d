'use client';
import { type FormEvent, useState } from 'react';
import { z } from 'zod';
import { Button } from '#components/button.tsx';
import { Dialog, DialogButtons } from '#components/dialog.tsx';
import { TextField } from '#components/text-field.tsx';
import { type PasskeyView, passkeyNameSchema } from '#lib/identity/mfa/schema.ts';
import { DRAFT_KEYS } from '../../../drafts/draft-keys.ts';
import { useDraft } from '../../../drafts/use-draft.ts';
import { ActionFailure } from '../../action-failure.tsx';
import { useServerAction } from '../../use-server-action.ts';
import { renameOwnPasskey } from './actions.ts';

const EFFECT = {
  done: 'The passkey was renamed.',
  maybe: 'The passkey may have been renamed. You can safely try again.',
};

type RenamePasskeyProps = { onClose: () => void; passkey: PasskeyView };

export function RenamePasskeyDialog({ open, ...props }: RenamePasskeyProps & { open: boolean }) {
  return (
    <Dialog open={open} onOpenChange={props.onClose} title="Rename passkey">
      <RenamePasskeyForm {...props} />
    </Dialog>
  );
}

function RenamePasskeyForm({ onClose, passkey }: RenamePasskeyProps) {
  const { run, pending, failure, setFailure } = useServerAction(renameOwnPasskey, EFFECT);
  const [name, setName] = useState(passkey.name);
  useDraft({
    key: DRAFT_KEYS.passkey(passkey.id),
    schema: z.string(),
    typed: name === passkey.name ? null : name,
    restore: setName,
  });
  const [error, setError] = useState<string | null>(null);

  async function submit(event: FormEvent) {
    event.preventDefault();
    const parsed = passkeyNameSchema.safeParse(name);
    setError(parsed.success ? null : (parsed.error.issues[0]?.message ?? null));
    if (!parsed.success) return;
    const result = await run({ id: passkey.id, name: parsed.data });
    if (result?.ok) onClose();
    else if (result)
      setFailure({ message: 'This passkey has been removed. Reload the page.', needsSignIn: false });
  }

  return (
    <form onSubmit={submit} noValidate className="grid gap-4">
      <TextField
        label="Name"
        name="name"
        value={name}
        onChange={(event) => setName(event.target.value)}
        error={error ?? undefined}
        autoComplete="off"
        required
      />
      <ActionFailure failure={failure} />
      <DialogButtons>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" pending={pending} pendingLabel="Saving…">
          Save
        </Button>
      </DialogButtons>
    </form>
  );
}
