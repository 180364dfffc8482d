'use client';
import { zodResolver } from '@hookform/resolvers/zod';
import { useForm } from 'react-hook-form';
import { Button } from '#components/button.tsx';
import { Dialog, DialogButtons } from '#components/dialog.tsx';
import { TextField } from '#components/text-field.tsx';
import {
  DEFAULT_OVERLAP_HOURS,
  MAX_OVERLAP_HOURS,
  rotateWebhookSecretSchema,
  type WebhookEndpointDetails,
} from '#lib/webhooks/schema.ts';
import { ActionFailure } from '../action-failure.tsx';
import { ReauthDialog } from '../reauth/reauth-dialog.tsx';
import type { ShownSecret } from '../shown-secret-dialog.tsx';
import { useServerAction } from '../use-server-action.ts';
import { rotateWebhookSecret } from './actions.ts';
import { MISSING_ENDPOINT } from './endpoint-messages.ts';

const EFFECT = {
  done: 'The signing secret was rotated. If you didn’t see the new one, rotate it again.',
  maybe: 'The signing secret may have been rotated. If you rotate it again, the one in use may end earlier.',
};

type RotateSecretProps = {
  endpoint: Pick<WebhookEndpointDetails, 'id' | 'url'>;
  onClose: () => void;
  onRotated: (shown: ShownSecret) => void;
};

/** Gives an endpoint a new signing secret. */
export function RotateSecretDialog({ open, ...props }: RotateSecretProps & { open: boolean }) {
  return (
    <Dialog
      open={open}
      onOpenChange={props.onClose}
      title="Rotate signing secret"
      description="Until the old secret ends, each event has a signature with both, so nothing is lost while you replace it."
    >
      <RotateSecretForm {...props} />
    </Dialog>
  );
}

function RotateSecretForm({ endpoint: { id, url }, onClose, onRotated }: RotateSecretProps) {
  const { run, pending, failure, setFailure, reauth } = useServerAction(rotateWebhookSecret, EFFECT);
  const { register, handleSubmit, formState } = useForm({
    resolver: zodResolver(rotateWebhookSecretSchema),
    defaultValues: { id, hours: String(DEFAULT_OVERLAP_HOURS) },
  });

  const submit = handleSubmit(async (values) => {
    const result = await run(values);
    if (!result) return;
    if (result.ok) {
      onClose();
      onRotated({ owner: url, secret: result.secret });
    } else setFailure(MISSING_ENDPOINT);
  });

  return (
    <>
      <form onSubmit={submit} noValidate className="grid gap-4">
        <TextField
          label="Keep the old secret for (hours)"
          inputMode="numeric"
          {...register('hours')}
          error={formState.errors.hours?.message}
          description={`Up to ${MAX_OVERLAP_HOURS}. If the old secret has leaked, enter 0: it ends immediately.`}
          autoComplete="off"
          required
        />
        <ActionFailure failure={failure} />
        <DialogButtons>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" pending={pending} pendingLabel="Rotating…">
            Rotate secret
          </Button>
        </DialogButtons>
      </form>
      <ReauthDialog {...reauth} />
    </>
  );
}
