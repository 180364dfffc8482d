'use client';
import type { FormEvent, ReactNode } from 'react';
import { Button } from '#components/button.tsx';
import { Dialog, DialogButtons } from '#components/dialog.tsx';
import type { ActionEffect } from '../../latest-action.ts';
import { ActionFailure } from '../action-failure.tsx';
import { useServerAction } from '../use-server-action.ts';
import { MISSING_ENDPOINT } from './endpoint-messages.ts';

type ConfirmationFormProps = {
  /** Takes something away, so it needs no re-authentication. */
  action: (input: object) => Promise<{ ok: boolean }>;
  input: object;
  /** What the action changes, a constant. */
  effect: ActionEffect;
  /** Label of the button, and while the action is pending. */
  labels: { confirm: string; pending: string };
  /** What will happen. */
  children: ReactNode;
  onClose: () => void;
  onDone: () => void;
};

type EndpointConfirmationProps = ConfirmationFormProps & { open: boolean; title: string; url: string };

/** Asks before something is taken away from an endpoint. */
export function EndpointConfirmation({ open, title, url, ...form }: EndpointConfirmationProps) {
  return (
    <Dialog
      open={open}
      onOpenChange={form.onClose}
      title={title}
      description={
        <bdi translate="no" className="wrap-anywhere">
          {url}
        </bdi>
      }
    >
      <ConfirmationForm {...form} />
    </Dialog>
  );
}

function ConfirmationForm(props: ConfirmationFormProps) {
  const { action, input, effect, labels, children, onClose, onDone } = props;
  const { run, pending, failure, setFailure } = useServerAction(action, effect);

  async function submit(event: FormEvent) {
    event.preventDefault();
    const result = await run(input);
    if (result?.ok) onDone();
    else if (result) setFailure(MISSING_ENDPOINT);
  }

  return (
    <form onSubmit={submit} noValidate className="grid gap-4">
      {children}
      <ActionFailure failure={failure} />
      <DialogButtons>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="danger" pending={pending} pendingLabel={labels.pending}>
          {labels.confirm}
        </Button>
      </DialogButtons>
    </form>
  );
}
