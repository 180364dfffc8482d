'use client';
import { type FormEvent, useState } from 'react';
import { z } from 'zod';
import { createPasskey } from '#app/passkeys.ts';
import { Button } from '#components/button.tsx';
import { Dialog, DialogButtons } from '#components/dialog.tsx';
import { TextField } from '#components/text-field.tsx';
import { useToast } from '#components/toast.tsx';
import { passkeyNameSchema } from '#lib/identity/mfa/schema.ts';
import { DRAFT_KEYS } from '../../../drafts/draft-keys.ts';
import { useDraft } from '../../../drafts/use-draft.ts';
import { isOutdated } from '../../../request-errors.ts';
import { ActionFailure } from '../../action-failure.tsx';
import { ReauthDialog } from '../../reauth/reauth-dialog.tsx';
import { useServerAction } from '../../use-server-action.ts';
import { savePasskey, startPasskeyRegistration } from './actions.ts';
import { suggestPasskeyName } from './suggest-passkey-name.ts';

type AddPasskeyProps = { onClose: () => void; onRecoveryCodes: (recoveryCodes: string[]) => void };

const EFFECT = {
  done: 'The passkey was added.',
  maybe:
    'The passkey may have been added: reload the page to check. If it was, and you have saved no recovery codes, generate new ones.',
};

const FAILURE_MESSAGES = {
  verification_failed: 'We couldn’t add this passkey, or it took more than five minutes. Try again.',
  already_registered: 'You’ve already added this passkey.',
  too_many_passkeys: 'You’ve reached the maximum number of passkeys. Remove one first.',
} as const;

const NOT_STARTED = 'We couldn’t reach the server, so no passkey was added. Try again.';

/** Asks for a name and creates a passkey with it. */
export function AddPasskeyDialog({ open, ...props }: AddPasskeyProps & { open: boolean }) {
  return (
    <Dialog
      open={open}
      onOpenChange={props.onClose}
      title="Add a passkey"
      description="Your browser will ask where to save it, then for your fingerprint, face or PIN."
    >
      <AddPasskeyForm {...props} />
    </Dialog>
  );
}

/** Gets options from the server, creates the passkey in the browser, and saves it on the server. */
async function addPasskey(name: string) {
  const started = await startPasskeyRegistration().catch((error: unknown) => {
    if (isOutdated(error)) throw error;
    // The browser's console shows why the request failed.
    return { ok: false, reason: 'not_created', message: NOT_STARTED } as const;
  });
  if (!started.ok) return started;
  const created = await createPasskey(started.options);
  if (!created.ok) return { ok: false, reason: 'not_created', message: created.message } as const;
  return savePasskey({ challengeId: started.challengeId, response: created.response, name });
}

function AddPasskeyForm({ onClose, onRecoveryCodes }: AddPasskeyProps) {
  const toast = useToast();
  const { run, pending, failure, setFailure, reauth } = useServerAction(addPasskey, EFFECT);
  const [suggestion] = useState(() => suggestPasskeyName(navigator.userAgent));
  const [name, setName] = useState(suggestion);
  useDraft({
    key: DRAFT_KEYS.newPasskey,
    schema: z.string(),
    typed: name === suggestion ? null : name,
    restore: setName,
  });
  const [error, setError] = useState<string | null>(null);

  async function submit(event: FormEvent) {
    event.preventDefault();
    const parsed = passkeyNameSchema.safeParse(name);
    setError(parsed.success ? null : (parsed.error.issues[0]?.message ?? null));
    if (!parsed.success) return;
    const result = await run(parsed.data);
    if (!result) return;
    if (!result.ok) {
      const message = result.reason === 'not_created' ? result.message : FAILURE_MESSAGES[result.reason];
      return setFailure({ message, needsSignIn: false });
    }
    onClose();
    // If recovery codes are shown, there is no toast: it could cover their buttons.
    if (result.recoveryCodes) onRecoveryCodes(result.recoveryCodes);
    else toast({ title: `${parsed.data} added` });
  }

  return (
    <>
      <form onSubmit={submit} noValidate className="grid gap-4">
        <TextField
          label="Name"
          name="name"
          value={name}
          onChange={(event) => setName(event.target.value)}
          error={error ?? undefined}
          description="So you can recognise it later."
          autoComplete="off"
          required
        />
        <ActionFailure failure={failure} />
        <DialogButtons>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" pending={pending} pendingLabel="Waiting for your browser…">
            Add passkey
          </Button>
        </DialogButtons>
      </form>
      <ReauthDialog {...reauth} />
    </>
  );
}
