'use client';
import { zodResolver } from '@hookform/resolvers/zod';
import { type RefObject, useState } from 'react';
import { useForm } from 'react-hook-form';
import { Button } from '#components/button.tsx';
import { CheckboxField } from '#components/checkbox-field.tsx';
import { DialogButtons } from '#components/dialog.tsx';
import { TextField } from '#components/text-field.tsx';
import { type AccountSummary, editApiAccountSchema } from '#lib/api-accounts/schema.ts';
import { ActFailure } from './act-failure.tsx';
import { saveAccount } from './actions.ts';
import { type Conflict, ConflictNotice } from './conflict-notice.tsx';
import { mergeEdits } from './edit-conflict.ts';
import { EditConsequences } from './edit-consequences.tsx';
import { showFieldErrors } from './show-field-errors.ts';
import { useAct } from './use-act.ts';

export type Saved = { before: AccountSummary; after: AccountSummary; revealRestarted: boolean };

type EditAccountFormProps = {
  account: AccountSummary;
  firstField: RefObject<HTMLInputElement | null>;
  onCancel: () => void;
  onSaved: (saved: Saved) => void;
};

const MISSING = 'This API account is no longer there. Nothing was saved.';

function editValues({ id, version, email, phone, active }: AccountSummary) {
  return { id, version, email, phone, active };
}

/** The account's form, with what is known of the account at present, and who has changed it meanwhile. */
function useAccountEditor(opened: AccountSummary, onSaved: (saved: Saved) => void) {
  const { act, setFailure, ...acting } = useAct(saveAccount);
  const [known, setKnown] = useState(opened);
  const [conflict, setConflict] = useState<Conflict | null>(null);
  const form = useForm({ resolver: zodResolver(editApiAccountSchema), defaultValues: editValues(opened) });

  const submit = form.handleSubmit(async (values) => {
    const result = await act(values);
    if (!result) return;
    if (result.ok) {
      onSaved({ before: known, after: result.account, revealRestarted: result.revealRestarted });
    } else if (result.reason === 'invalid') {
      showFieldErrors(['email', 'phone'], result.fieldErrors, form.setError);
    } else if (result.reason === 'missing') {
      setFailure({ message: MISSING, signInAgain: false });
    } else {
      const { current, changedBy } = result;
      const { merged, differences } = mergeEdits({ opened: known, saved: current, typed: form.getValues() });
      form.reset({ ...editValues(current), ...merged });
      setKnown(current);
      setConflict({ changedBy, differences });
    }
  });

  function takeSaved() {
    form.reset(editValues(known));
    setConflict(null);
  }

  return { ...acting, form, submit, known, conflict, takeSaved };
}

export function EditAccountForm({ account, firstField, onCancel, onSaved }: EditAccountFormProps) {
  const { form, submit, known, conflict, takeSaved, pending, failure } = useAccountEditor(account, onSaved);
  const { errors } = form.formState;
  const { ref: emailRef, ...email } = form.register('email');

  return (
    <form onSubmit={submit} noValidate className="grid gap-4">
      {conflict && <ConflictNotice conflict={conflict} onTakeSaved={takeSaved} />}
      <TextField
        label="Username"
        name="username"
        value={account.username}
        dir="auto"
        readOnly
        description="Fixed: it is half of the credential that the company signs in with."
      />
      <TextField
        label="Email address"
        type="email"
        {...email}
        ref={(input) => {
          emailRef(input);
          firstField.current = input;
        }}
        error={errors.email?.message}
        autoComplete="off"
        required
      />
      <TextField
        label="Phone number"
        type="tel"
        {...form.register('phone')}
        error={errors.phone?.message}
        autoComplete="off"
        required
      />
      <div>
        <CheckboxField label="This API account is active" {...form.register('active')} />
        <EditConsequences account={known} typed={form.watch()} />
      </div>
      <ActFailure failure={failure} />
      <DialogButtons>
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" variant="primary" pending={pending} pendingLabel="Saving…">
          Save
        </Button>
      </DialogButtons>
    </form>
  );
}
