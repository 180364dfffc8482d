'use client';
import { useRouter } from 'next/navigation';
import { useCallback, useState } from 'react';
import { Notice } from '#components/notice.tsx';
import { useToast } from '#components/toast.tsx';
import type { WebhookEndpointDetails } from '#lib/webhooks/schema.ts';
import { DRAFT_KEYS } from '../../drafts/draft-keys.ts';
import { removeDraft } from '../../drafts/draft-storage.ts';
import { WEBHOOKS_PATH } from '../settings-pages.ts';
import type { ShownSecret } from '../shown-secret-dialog.tsx';
import { deleteWebhookEndpoint, setWebhookEndpointEnabled } from './actions.ts';
import { EditEndpointDialog } from './edit-endpoint-dialog.tsx';
import { EndpointConfirmation } from './endpoint-confirmation.tsx';
import { RotateSecretDialog } from './rotate-secret-dialog.tsx';
import { SigningSecretDialog } from './signing-secret-dialog.tsx';

const EFFECTS = {
  disable: {
    done: 'The endpoint was disabled.',
    maybe: 'The endpoint may have been disabled. You can safely try again.',
  },
  delete: {
    done: 'The endpoint was deleted.',
    maybe: 'The endpoint may have been deleted: check the list before you try again.',
  },
};

export type EndpointDialog = 'edit' | 'rotate' | 'disable' | 'delete';

type EndpointDialogsProps = {
  endpoint: WebhookEndpointDetails;
  dialog: EndpointDialog | null;
  onClose: () => void;
};

/** Renders the dialogs that change an endpoint, of which one is open. */
export function EndpointDialogs({ endpoint, dialog, onClose }: EndpointDialogsProps) {
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
