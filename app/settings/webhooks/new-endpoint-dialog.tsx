'use client';
import { zodResolver } from '@hookform/resolvers/zod';
import { useCallback, useState } from 'react';
import { useForm } from 'react-hook-form';
import { Button } from '#components/button.tsx';
import { Dialog, DialogButtons } from '#components/dialog.tsx';
import { newWebhookEndpointSchema } from '#lib/webhooks/schema.ts';
import { DRAFT_KEYS } from '../../drafts/draft-keys.ts';
import { DraftNotice } from '../../drafts/draft-notice.tsx';
import { useFormDraft } from '../../drafts/use-form-draft.ts';
import { ActionFailure } from '../action-failure.tsx';
import { ReauthDialog } from '../reauth/reauth-dialog.tsx';
import { showFieldErrors } from '../show-field-errors.ts';
import type { ShownSecret } from '../shown-secret-dialog.tsx';
import { OUTDATED, useServerAction } from '../use-server-action.ts';
import { createWebhookEndpoint } from './actions.ts';
import {
  EndpointFields,
  type EndpointInput,
  endpointDraftSchema,
  getTypedEndpoint,
} from './endpoint-fields.tsx';
import { SigningSecretDialog } from './signing-secret-dialog.tsx';

const EMPTY: EndpointInput = { url: '', description: '', eventTypes: [] };

const EFFECT = {
  done: 'The endpoint was created. If you didn’t see its signing secret, rotate the secret.',
  maybe: 'The endpoint may have been created: check the list before you try again.',
};

type NewEndpointFormProps = { onClose: () => void; onCreated: (shown: ShownSecret) => void };

/** Creates a webhook endpoint, then shows its signing secret. */
export function NewEndpointDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const [shownSecret, setShownSecret] = useState<ShownSecret | null>(null);
  const hideSecret = useCallback(() => setShownSecret(null), []);
  return (
    <>
      <Dialog
        open={open}
        onOpenChange={onClose}
        title="New webhook endpoint"
        description="You’ll get a secret with which the system can verify that events come from Stagedoor."
      >
        <NewEndpointForm onClose={onClose} onCreated={setShownSecret} />
      </Dialog>
      <SigningSecretDialog shown={shownSecret} onClose={hideSecret} />
    </>
  );
}

function NewEndpointForm({ onClose, onCreated }: NewEndpointFormProps) {
  const { run, pending, failure, setFailure, reauth } = useServerAction(createWebhookEndpoint, EFFECT);
  const form = useForm({ resolver: zodResolver(newWebhookEndpointSchema), defaultValues: EMPTY });

  const typed = getTypedEndpoint(form.watch());
  const draft = useFormDraft({
    form,
    firstField: 'url',
    key: DRAFT_KEYS.newWebhookEndpoint,
    schema: endpointDraftSchema,
    typed: typed.url || typed.description || typed.eventTypes.length > 0 ? typed : null,
  });

  const submit = form.handleSubmit(async (values) => {
    const result = await run(values);
    if (!result) return;
    if (result.ok) {
      onClose();
      onCreated({ owner: values.url, secret: result.secret });
    } else if (result.reason === 'too_many') {
      const message = 'Your organisation has as many endpoints as it can have. Delete one first.';
      setFailure({ message, needsSignIn: false });
    } else if (result.reason !== 'invalid' || !showFieldErrors(['url'], result.fieldErrors, form.setError))
      setFailure(OUTDATED);
  });

  return (
    <>
      <form onSubmit={submit} noValidate className="grid gap-4">
        {draft.isRestored && <DraftNotice onDiscard={draft.discard} />}
        <EndpointFields form={form} />
        <ActionFailure failure={failure} />
        <DialogButtons>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" pending={pending} pendingLabel="Creating…">
            Create endpoint
          </Button>
        </DialogButtons>
      </form>
      <ReauthDialog {...reauth} />
    </>
  );
}
