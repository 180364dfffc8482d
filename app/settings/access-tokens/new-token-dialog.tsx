'use client';
import { zodResolver } from '@hookform/resolvers/zod';
import { useForm } from 'react-hook-form';
import { z } from 'zod';
import { Button } from '#components/button.tsx';
import { CheckboxField } from '#components/checkbox-field.tsx';
import { CheckboxGroup } from '#components/checkbox-group.tsx';
import { Dialog, DialogButtons } from '#components/dialog.tsx';
import { TextField } from '#components/text-field.tsx';
import {
  ACCESS_TOKEN_SCOPES,
  DEFAULT_TOKEN_DAYS,
  MAX_TOKEN_DAYS,
  newAccessTokenSchema,
} from '#lib/access-tokens/schema.ts';
import type { AccessTokenScope } from '#lib/platform/authorization/actor.ts';
import { DRAFT_KEYS } from '../../drafts/draft-keys.ts';
import { DraftNotice } from '../../drafts/draft-notice.tsx';
import { useFormDraft } from '../../drafts/use-form-draft.ts';
import { ActionFailure } from '../action-failure.tsx';
import { ReauthDialog } from '../reauth/reauth-dialog.tsx';
import type { ShownSecret } from '../shown-secret-dialog.tsx';
import { useServerAction } from '../use-server-action.ts';
import { createAccessToken } from './actions.ts';
import { TOKEN_SCOPE_LABELS } from './scope-labels.ts';

const draftSchema = z.object({
  name: z.string(),
  scopes: z.array(z.enum(ACCESS_TOKEN_SCOPES)),
  days: z.string(),
});

const EFFECT = {
  done: 'The token was created. If you didn’t see it, revoke it and create another one.',
  maybe: 'The token may have been created: check the list, and revoke it there before you try again.',
};

const EMPTY = { name: '', scopes: [] as AccessTokenScope[], days: String(DEFAULT_TOKEN_DAYS) };

type NewTokenFormProps = { onClose: () => void; onCreated: (shown: ShownSecret) => void };

/** Creates an access token. */
export function NewTokenDialog({ open, ...props }: NewTokenFormProps & { open: boolean }) {
  return (
    <Dialog
      open={open}
      onOpenChange={props.onClose}
      title="New access token"
      description="Give each program its own, with only the scopes it needs."
    >
      <NewTokenForm {...props} />
    </Dialog>
  );
}

function NewTokenForm({ onClose, onCreated }: NewTokenFormProps) {
  const { run, pending, failure, reauth } = useServerAction(createAccessToken, EFFECT);
  const { register, handleSubmit, formState, ...form } = useForm({
    resolver: zodResolver(newAccessTokenSchema),
    defaultValues: EMPTY as { name: string; scopes: AccessTokenScope[]; days: string | number },
  });
  const { errors } = formState;

  const { name, scopes, days } = form.watch();
  const draft = useFormDraft({
    form,
    firstField: 'name',
    key: DRAFT_KEYS.newAccessToken,
    schema: draftSchema,
    typed: name || scopes.length > 0 ? { name, scopes, days: String(days) } : null,
  });

  const submit = handleSubmit(async (values) => {
    const result = await run(values);
    if (!result) return;
    onClose();
    onCreated({ owner: values.name, secret: result.token });
  });

  return (
    <>
      <form onSubmit={submit} noValidate className="grid gap-4">
        {draft.isRestored && <DraftNotice onDiscard={draft.discard} />}
        <TextField
          label="Name"
          {...register('name')}
          error={errors.name?.message}
          description="The program that uses the token, and where it runs. The audit log shows it."
          autoComplete="off"
          required
        />
        <CheckboxGroup legend="Scopes" error={errors.scopes?.message}>
          {ACCESS_TOKEN_SCOPES.map((scope) => (
            <CheckboxField key={scope} value={scope} {...register('scopes')} {...TOKEN_SCOPE_LABELS[scope]} />
          ))}
        </CheckboxGroup>
        <TextField
          label="Expires after (days)"
          inputMode="numeric"
          {...register('days')}
          error={errors.days?.message}
          description={`Up to ${MAX_TOKEN_DAYS}. We email every Settings Administrator before it expires.`}
          autoComplete="off"
          required
        />
        <ActionFailure failure={failure} />
        <DialogButtons>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" pending={pending} pendingLabel="Creating…">
            Create access token
          </Button>
        </DialogButtons>
      </form>
      <ReauthDialog {...reauth} />
    </>
  );
}
