'use client';
import { type FormEvent, useState } from 'react';
import { z } from 'zod';
import { Button } from '#components/button.tsx';
import { TextField } from '#components/text-field.tsx';
import { useToast } from '#components/toast.tsx';
import { ownNameSchema } from '#lib/identity/users/schema.ts';
import { DRAFT_KEYS } from '../../../drafts/draft-keys.ts';
import { useDraft } from '../../../drafts/use-draft.ts';
import { ActionFailure } from '../../action-failure.tsx';
import { ReauthDialog } from '../../reauth/reauth-dialog.tsx';
import { useServerAction } from '../../use-server-action.ts';
import { saveOwnName } from './actions.ts';

const EFFECT = {
  done: 'Your name was saved.',
  maybe: 'Your name may have been saved. You can safely try again.',
};

/** Edits the user's own name. */
export function NameForm({ savedName }: { savedName: string }) {
  const { run, pending, failure, reauth } = useServerAction(saveOwnName, EFFECT);
  const toast = useToast();
  const [name, setName] = useState(savedName);
  const [error, setError] = useState<string>();
  useDraft({
    key: DRAFT_KEYS.ownName,
    schema: z.string(),
    typed: name === savedName ? null : name,
    restore: (typed) => {
      setName(typed);
      return typed !== savedName;
    },
  });

  function validate() {
    const parsed = ownNameSchema.safeParse(name);
    setError(parsed.error?.issues[0]?.message);
    return parsed.data;
  }

  async function submit(event: FormEvent) {
    event.preventDefault();
    const valid = validate();
    if (valid === undefined || !(await run({ name: valid }))) return;
    setName(valid);
    toast({ title: 'Name saved' });
  }

  return (
    <form onSubmit={submit} noValidate aria-label="Your name" className="grid gap-4">
      <div className="flex items-start gap-3 max-sm:flex-col">
        <TextField
          label="Name"
          name="name"
          value={name}
          onChange={(event) => setName(event.target.value)}
          onBlur={validate}
          error={error}
          autoComplete="name"
          required
          className="w-full sm:max-w-sm"
        />
        {/* Aligned with the input, also if an error makes the field taller. */}
        <Button type="submit" pending={pending} pendingLabel="Saving…" className="max-sm:w-full sm:mt-7">
          Save
        </Button>
      </div>
      <ActionFailure failure={failure} />
      <ReauthDialog {...reauth} />
    </form>
  );
}
