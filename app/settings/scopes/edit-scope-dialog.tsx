'use client';
import { Button } from '#components/button.tsx';
import { Dialog, DialogButtons } from '#components/dialog.tsx';
import { TextField } from '#components/text-field.tsx';
import type { ScopeDetails } from '#lib/api-accounts/scopes/schema.ts';
import { DraftNotice } from '../../drafts/draft-notice.tsx';
import { ActionFailure } from '../action-failure.tsx';
import { ConflictNotice } from '../conflict-notice.tsx';
import { ReauthDialog } from '../reauth/reauth-dialog.tsx';
import { useScopeEditor } from './use-scope-editor.ts';

type EditScopeProps = { scope: ScopeDetails; onClose: () => void };

/** Edits the description of a scope. */
export function EditScopeDialog({ open, ...props }: EditScopeProps & { open: boolean }) {
  return (
    <Dialog open={open} onOpenChange={props.onClose} title="Edit scope">
      {/* The key remounts the form, even while the previous one is still closing. */}
      <EditScopeForm key={props.scope.name} {...props} />
    </Dialog>
  );
}

function EditScopeForm({ scope, onClose }: EditScopeProps) {
  const editor = useScopeEditor(scope, onClose);
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
                this scope while you had it open
              </span>
            }
            unchangedMessage="Their change has since been undone."
            differences={conflict.differences}
            onRestoreSaved={restoreSaved}
          />
        )}
        <dl className="grid gap-1.5">
          <dt className="font-medium">Name</dt>
          <dd className="break-words">
            <bdi translate="no">{scope.name}</bdi>
          </dd>
          <dd className="text-muted text-sm">
            Your gateway refers to this name, so it can’t be changed. To use another one, create a new scope,
            give it to the accounts, change your gateway, and then retire this one.
          </dd>
        </dl>
        <TextField
          label="Description"
          {...form.register('description')}
          error={form.formState.errors.description?.message}
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
      <ReauthDialog {...reauth} />
    </>
  );
}
