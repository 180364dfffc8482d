'use client';
import { Button } from '#components/button.tsx';
import { Dialog, DialogButtons } from '#components/dialog.tsx';
import type { WebhookEndpointDetails } from '#lib/webhooks/schema.ts';
import { DraftNotice } from '../../drafts/draft-notice.tsx';
import { ActionFailure } from '../action-failure.tsx';
import { ConflictNotice } from '../conflict-notice.tsx';
import { ReauthDialog } from '../reauth/reauth-dialog.tsx';
import { EndpointFields } from './endpoint-fields.tsx';
import { useEndpointEditor } from './use-endpoint-editor.ts';

type EditEndpointProps = { endpoint: WebhookEndpointDetails; onClose: () => void };

/** Edits where events go, and which. */
export function EditEndpointDialog({ open, ...props }: EditEndpointProps & { open: boolean }) {
  return (
    <Dialog open={open} onOpenChange={props.onClose} title="Edit webhook endpoint">
      <EditEndpointForm {...props} />
    </Dialog>
  );
}

function EditEndpointForm({ endpoint, onClose }: EditEndpointProps) {
  const editor = useEndpointEditor(endpoint, onClose);
  const { form, submit, conflict, restoreSaved, pending, failure, reauth } = editor;
  return (
    <>
      <form onSubmit={submit} noValidate className="grid gap-4">
        {editor.isDraftRestored && <DraftNotice onDiscard={restoreSaved} />}
        {conflict && (
          <ConflictNotice
            title={
              <span>
                Not saved: <bdi translate="no">{conflict.changedBy ?? 'another administrator'}</bdi> changed
                this endpoint while you had it open
              </span>
            }
            unchangedMessage="Their change didn’t concern these fields, or has since been undone."
            differences={conflict.differences}
            onRestoreSaved={restoreSaved}
          />
        )}
        <EndpointFields form={form} />
        <ActionFailure failure={failure} />
        <DialogButtons>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" pending={pending} pendingLabel="Saving…">
            Save
          </Button>
        </DialogButtons>
      </form>
      <ReauthDialog {...reauth} />
    </>
  );
}
