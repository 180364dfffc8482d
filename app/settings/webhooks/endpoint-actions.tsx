'use client';
import { useState } from 'react';
import { Button, type ButtonProps } from '#components/button.tsx';
import { LazyDialog, loadOnce, preloadOnIntent } from '#components/lazy-dialog.tsx';
import { useToast } from '#components/toast.tsx';
import type { WebhookEndpointDetails } from '#lib/webhooks/schema.ts';
import { DRAFT_KEYS } from '../../drafts/draft-keys.ts';
import { hasDraft } from '../../drafts/draft-storage.ts';
import { useReopenedDraft } from '../../drafts/use-reopened-draft.ts';
import { ActionFailure } from '../action-failure.tsx';
import { ReauthDialog } from '../reauth/reauth-dialog.tsx';
import { OUTDATED, useServerAction } from '../use-server-action.ts';
import { sendWebhookTest, setWebhookEndpointEnabled } from './actions.ts';
import type { EndpointDialog } from './endpoint-dialogs.tsx';
import { MISSING_ENDPOINT } from './endpoint-messages.ts';

const EFFECTS = {
  test: {
    done: 'The test event was sent.',
    maybe: 'The test event may have been sent: check the deliveries.',
  },
  enable: {
    done: 'The endpoint was enabled.',
    maybe: 'The endpoint may have been enabled. You can safely try again.',
  },
};

const loadDialogs = loadOnce(async () => (await import('./endpoint-dialogs.tsx')).EndpointDialogs);

/** Renders the buttons that change an endpoint, with their dialogs. */
export function EndpointActions({ endpoint }: { endpoint: WebhookEndpointDetails }) {
  const { id, enabled } = endpoint;
  const toast = useToast();
  const [dialog, setDialog] = useState<EndpointDialog | null>(null);
  const test = useServerAction(sendWebhookTest, EFFECTS.test);
  const enabling = useServerAction(setWebhookEndpointEnabled, EFFECTS.enable);

  useReopenedDraft((owner) => {
    if (hasDraft(DRAFT_KEYS.webhookEndpoint(id), owner)) setDialog('edit');
  });

  const close = () => setDialog(null);

  async function sendTest() {
    const result = await test.run({ id });
    if (result?.ok) toast({ title: 'Test event sent', description: 'See below if it arrives.', about: id });
    else if (result) test.setFailure(MISSING_ENDPOINT);
  }

  async function enable() {
    const result = await enabling.run({ id, enabled: true });
    if (!result) return;
    if (result.ok)
      toast({ title: 'Endpoint enabled', description: 'It gets events from now on.', about: id });
    else if (result.reason === 'invalid')
      enabling.setFailure({ message: `Edit the URL first. ${result.fieldErrors.url}`, needsSignIn: false });
    else enabling.setFailure(result.reason === 'not_found' ? MISSING_ENDPOINT : OUTDATED);
  }

  return (
    <div className="grid gap-3">
      <div className="flex flex-wrap gap-2">
        {!enabled && (
          <Button variant="primary" pending={enabling.pending} pendingLabel="Enabling…" onClick={enable}>
            Enable
          </Button>
        )}
        <Button pending={test.pending} pendingLabel="Sending…" onClick={sendTest}>
          Send test event
        </Button>
        <DialogButton onClick={() => setDialog('edit')}>Edit</DialogButton>
        <DialogButton onClick={() => setDialog('rotate')}>Rotate secret</DialogButton>
        {enabled && <DialogButton onClick={() => setDialog('disable')}>Disable…</DialogButton>}
        <DialogButton onClick={() => setDialog('delete')}>Delete…</DialogButton>
      </div>
      <ActionFailure failure={test.failure ?? enabling.failure} />
      <LazyDialog
        load={loadDialogs}
        isOpen={dialog !== null}
        onCancel={close}
        props={{ endpoint, dialog, onClose: close }}
      />
      <ReauthDialog {...enabling.reauth} />
    </div>
  );
}

function DialogButton(props: ButtonProps) {
  return <Button {...props} {...preloadOnIntent(loadDialogs)} />;
}
