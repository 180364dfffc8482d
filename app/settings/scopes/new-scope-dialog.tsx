'use client';
import { zodResolver } from '@hookform/resolvers/zod';
import { useForm } from 'react-hook-form';
import { z } from 'zod';
import { Button } from '#components/button.tsx';
import { Dialog, DialogButtons } from '#components/dialog.tsx';
import { TextField } from '#components/text-field.tsx';
import { useToast } from '#components/toast.tsx';
import { MAX_SCOPE_LENGTH, newScopeSchema } from '#lib/api-accounts/scopes/schema.ts';
import { DRAFT_KEYS } from '../../drafts/draft-keys.ts';
import { DraftNotice } from '../../drafts/draft-notice.tsx';
import { useFormDraft } from '../../drafts/use-form-draft.ts';
import { ActionFailure } from '../action-failure.tsx';
import { ReauthDialog } from '../reauth/reauth-dialog.tsx';
import { showFieldErrors } from '../show-field-errors.ts';
import { OUTDATED, useServerAction } from '../use-server-action.ts';
import { createScope } from './actions.ts';

type NewScopeDialogProps = { open: boolean; onClose: () => void };

const draftSchema = z.object({ name: z.string(), description: z.string() });

const EFFECT = {
  done: 'The scope was created.',
  maybe: 'The scope may have been created: check the list before you try again.',
};

const NAME_RULES = `Such as orders:read. Up to ${MAX_SCOPE_LENGTH} lower-case letters and digits, with a colon, dot, hyphen or underscore between them. Your gateway refers to the name, so it can’t be changed later.`;

/** Adds a scope to those of the organisation. */
export function NewScopeDialog({ open, onClose }: NewScopeDialogProps) {
  return (
    <Dialog
      open={open}
      onOpenChange={onClose}
      title="New scope"
      description="Accounts with full access will have it. You decide which others get it."
    >
      <NewScopeForm onClose={onClose} />
    </Dialog>
  );
}

function NewScopeForm({ onClose }: Pick<NewScopeDialogProps, 'onClose'>) {
  const toast = useToast();
  const { run, pending, failure, setFailure, reauth } = useServerAction(createScope, EFFECT);
  const { register, handleSubmit, setError, formState, ...form } = useForm({
    resolver: zodResolver(newScopeSchema),
    defaultValues: { name: '', description: '' },
  });

  const typed = form.watch();
  const draft = useFormDraft({
    form,
    firstField: 'name',
    key: DRAFT_KEYS.newScope,
    schema: draftSchema,
    typed: typed.name || typed.description ? typed : null,
  });

  const submit = handleSubmit(async (values) => {
    const result = await run(values);
    if (!result) return;
    if (result.ok) {
      onClose();
      toast({
        title: `Scope ${values.name} created`,
        description: 'To limit an account, open it and choose its scopes.',
        about: values.name,
      });
    } else if (!showFieldErrors(['name'], result.fieldErrors, setError)) setFailure(OUTDATED);
  });

  return (
    <>
      <form onSubmit={submit} noValidate className="grid gap-4">
        {draft.isRestored && <DraftNotice onDiscard={draft.discard} />}
        <TextField
          label="Name"
          {...register('name')}
          error={formState.errors.name?.message}
          description={NAME_RULES}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          required
        />
        <TextField
          label="Description"
          {...register('description')}
          error={formState.errors.description?.message}
          description="What the scope allows, in words that every administrator understands."
          autoComplete="off"
          required
        />
        <ActionFailure failure={failure} />
        <DialogButtons>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" pending={pending} pendingLabel="Creating…">
            Create scope
          </Button>
        </DialogButtons>
      </form>
      <ReauthDialog {...reauth} />
    </>
  );
}
