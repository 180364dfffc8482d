'use client';
import { zodResolver } from '@hookform/resolvers/zod';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { type AccountSummary, editApiAccountSchema } from '#lib/api-accounts/schema.ts';
import { showFieldErrors } from '../../../show-field-errors.ts';
import { useServerAction } from '../../../use-server-action.ts';
import { saveAccount } from '../actions.ts';
import type { Conflict } from './conflict-notice.tsx';
import { type Editable, mergeEdits } from './edit-conflict.ts';

export type Saved = {
  before: AccountSummary;
  after: AccountSummary;
  revealRestarted: boolean;
  addressBeforeTold: boolean;
};

const MISSING = 'This API account is no longer there. Nothing was saved.';

function editValues({ id, version, ...values }: Editable & { id: string; version: number }) {
  const { email, phone, active, requestsPerMinute } = values;
  return { id, version, email, phone, active, requestsPerMinute: String(requestsPerMinute ?? '') };
}

/** The account's form, with what is known of the account at present, and who has changed it meanwhile. */
export function useAccountEditor(opened: AccountSummary, onSaved: (saved: Saved) => void) {
  const { act, setFailure, ...acting } = useServerAction(saveAccount);
  const [known, setKnown] = useState(opened);
  const [conflict, setConflict] = useState<Conflict | null>(null);
  const form = useForm({ resolver: zodResolver(editApiAccountSchema), defaultValues: editValues(opened) });
  const typedNow = (values = form.getValues()) => ({
    ...values,
    requestsPerMinute: values.requestsPerMinute ?? null,
  });

  const submit = form.handleSubmit(async (values) => {
    const result = await act(values);
    if (!result) return;
    if (result.ok) {
      const { account, revealRestarted, addressBeforeTold } = result;
      onSaved({ before: known, after: account, revealRestarted, addressBeforeTold });
    } else if (result.reason === 'invalid') {
      showFieldErrors(['email', 'phone', 'requestsPerMinute'], result.fieldErrors, form.setError);
    } else if (result.reason === 'missing') {
      setFailure({ message: MISSING, signInAgain: false });
    } else {
      const { current, changedBy } = result;
      const { merged, differences } = mergeEdits({ opened: known, saved: current, typed: typedNow() });
      form.reset(editValues({ ...current, ...merged }));
      setKnown(current);
      setConflict({ changedBy, differences });
    }
  });

  function takeSaved() {
    form.reset(editValues(known));
    setConflict(null);
  }

  return { ...acting, form, typed: typedNow(form.watch()), submit, known, conflict, takeSaved };
}
