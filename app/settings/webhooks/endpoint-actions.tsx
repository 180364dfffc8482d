'use client';
import { useRouter } from 'next/navigation';
import { useCallback, useState } from 'react';
import { Button } from '#components/button.tsx';
import { Notice } from '#components/notice.tsx';
import { useToast } from '#components/toast.tsx';
import type { WebhookEndpointDetails } from '#lib/webhooks/schema.ts';
import { DRAFT_KEYS } from '../../drafts/draft-keys.ts';
import { hasDraft, removeDraft } from '../../drafts/draft-storage.ts';
import { useReopenedDraft } from '../../drafts/use-reopened-draft.ts';
import { ActionFailure } from '../action-failure.tsx';
import { ReauthDialog } from '../reauth/reauth-dialog.tsx';
import { WEBHOOKS_PATH } from '../settings-pages.ts';
import type { ShownSecret } from '../shown-secret-dialog.tsx';
import { OUTDATED, useServerAction } from '../use-server-action.ts';
import { deleteWebhookEndpoint, sendWebhookTest, setWebhookEndpointEnabled } from './actions.ts';
import { EditEndpointDialog } from './edit-endpoint-dialog.tsx';
import { EndpointConfirmation } from './endpoint-confirmation.tsx';
import { MISSING_ENDPOINT } from './endpoint-messages.ts';
import { RotateSecretDialog } from './rotate-secret-dialog.tsx';
import { SigningSecretDialog } from './signing-secret-dialog.tsx';

const EFFECTS = {
  test: {
    done: 'The test event was sent.',
    maybe: 'The test event may have been sent: check the deliveries.',
  },
  enable: {
    done: 'The endpoint was enabled.',
    maybe: 'The endpoint may have been enabled. You can safely try again.',
  },
  disable: {
    done: 'The endpoint was disabled.',
    maybe: 'The endpoint may have been disabled. You can safely try again.',
  },
  delete: {
    done: 'The endpoint was deleted.',
    maybe: 'The endpoint may have been deleted: check the list before you try again.',
  },
};

type OpenDialog = 'edit' | 'rotate' | 'disable' | 'delete' | null;

/** Renders the buttons that change an endpoint, with their dialogs. */
export function EndpointActions({ endpoint }: { endpoint: WebhookEndpointDetails }) {
  const { id, enabled } = endpoint;
  const toast = useToast();
  const [dialog, setDialog] = useState<OpenDialog>(null);
  const test = useServerAction(sendWebhookTest, EFFECTS.test);
  const enabling = useServerAction(setWebhookEndpointEnabled, EFFECTS.enable);

  useReopenedDraft((owner) => {
    if (hasDraft(DRAFT_KEYS.webhookEndpoint(id), owner)) setDialog('edit');
  });

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
        <Button onClick={() => setDialog('edit')}>Edit</Button>
        <Button onClick={() => setDialog('rotate')}>Rotate secret</Button>
        {enabled && <Button onClick={() => setDialog('disable')}>Disable…</Button>}
        <Button onClick={() => setDialog('delete')}>Delete…</Button>
      </div>
      <ActionFailure failure={test.failure ?? enabling.failure} />
      <EndpointDialogs endpoint={endpoint} dialog={dialog} onClose={() => setDialog(null)} />
      <ReauthDialog {...enabling.reauth} />
    </div>
  );
}

type EndpointDialogsProps = { endpoint: WebhookEndpointDetails; dialog: OpenDialog; onClose: () => void };

function EndpointDialogs({ endpoint, dialog, onClose }: EndpointDialogsProps) {
  const { id, url } = endpoint;
  const router = useRouter();
  const toast = useToast();
  const [shownSecret, setShownSecret] = useState<ShownSecret | null>(null);
  const hideSecret = useCallback(() => setShownSecret(null), []);

  function closeEditor() {
    removeDraft(DRAFT_KEYS.webhookEndpoint(id));
    onClose();
  }
  function handleDisabled() {
    onClose();
    toast({ title: 'Endpoint disabled', about: id });
  }
  function handleDeleted() {
    router.replace(WEBHOOKS_PATH);
    toast({ title: 'Endpoint deleted', about: id });
  }

  return (
    <>
      <EditEndpointDialog open={dialog === 'edit'} endpoint={endpoint} onClose={closeEditor} />
      <RotateSecretDialog
        open={dialog === 'rotate'}
        endpoint={endpoint}
        onClose={onClose}
        onRotated={setShownSecret}
      />
      <SigningSecretDialog shown={shownSecret} onClose={hideSecret} />
      <EndpointConfirmation
        open={dialog === 'disable'}
        title="Disable webhook endpoint"
        url={url}
        action={setWebhookEndpointEnabled}
        input={{ id, enabled: false }}
        effect={EFFECTS.disable}
        labels={{ confirm: 'Disable endpoint', pending: 'Disabling…' }}
        onClose={onClose}
        onDone={handleDisabled}
      >
        <Notice tone="warning" title="It misses every event until you enable it again">
          <p>Events that have not arrived yet are not sent either. You can redeliver those later.</p>
        </Notice>
      </EndpointConfirmation>
      <EndpointConfirmation
        open={dialog === 'delete'}
        title="Delete webhook endpoint"
        url={url}
        action={deleteWebhookEndpoint}
        input={{ id }}
        effect={EFFECTS.delete}
        labels={{ confirm: 'Delete endpoint', pending: 'Deleting…' }}
        onClose={onClose}
        onDone={handleDeleted}
      >
        <Notice tone="warning" title="It gets no more events, and its deliveries are deleted, too">
          <p>You can’t undo this. To stop events only for a while, disable the endpoint.</p>
        </Notice>
      </EndpointConfirmation>
    </>
  );
}
