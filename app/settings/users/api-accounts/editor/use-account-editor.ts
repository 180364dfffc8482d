'use client';
import { zodResolver } from '@hookform/resolvers/zod';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { type AccountSummary, editApiAccountSchema } from '#lib/api-accounts/schema.ts';
import { showFieldErrors } from '../../../show-field-errors.ts';
import { useServerAction } from '../../../use-server-action.ts';
import { saveAccount } from '../actions.ts';
import { MISSING_ACCOUNT } from '../failure-messages.ts';
import { type AccountDifference, type EditableAccount, mergeAccount } from './merge-account.ts';

export type SavedAccountEdit = {
  before: AccountSummary;
  after: AccountSummary;
  wasRevealRestarted: boolean;
  isPreviousAddressNotified: boolean;
};

/** What another administrator saved in the meantime. `changedBy`: that administrator's name, if it is known. */
export type AccountConflict = { changedBy: string | null; differences: AccountDifference[] };

function toFormValues({ id, version, ...values }: EditableAccount & { id: string; version: number }) {
  const { email, phone, active, requestsPerMinute } = values;
  return { id, version, email, phone, active, requestsPerMinute: String(requestsPerMinute ?? '') };
}

/** Manages an account's form, its latest saved version, and a conflict with another administrator. */
export function useAccountEditor(original: AccountSummary, onSaved: (saved: SavedAccountEdit) => void) {
  const { run, setFailure, ...action } = useServerAction(saveAccount);
  const [latest, setLatest] = useState(original);
  const [conflict, setConflict] = useState<AccountConflict | null>(null);
  const form = useForm({
    resolver: zodResolver(editApiAccountSchema),
    defaultValues: toFormValues(original),
  });
  const getTyped = (values = form.getValues()) => ({
    ...values,
    requestsPerMinute: values.requestsPerMinute ?? null,
  });

  const submit = form.handleSubmit(async (values) => {
    const result = await run(values);
    if (!result) return;
    if (result.ok) {
      const { account, wasRevealRestarted, isPreviousAddressNotified } = result;
      onSaved({ before: latest, after: account, wasRevealRestarted, isPreviousAddressNotified });
    } else if (result.reason === 'invalid') {
      showFieldErrors(['email', 'phone', 'requestsPerMinute'], result.fieldErrors, form.setError);
    } else if (result.reason === 'not_found') {
      setFailure({ message: `${MISSING_ACCOUNT} Nothing was saved.`, needsSignIn: false });
    } else {
      const { current, changedBy } = result;
      const { merged, differences } = mergeAccount({ original: latest, saved: current, typed: getTyped() });
      form.reset(toFormValues({ ...current, ...merged }));
      setLatest(current);
      setConflict({ changedBy, differences });
    }
  });

  function restoreSaved() {
    form.reset(toFormValues(latest));
    setConflict(null);
  }

  function replacePhone(phone: string) {
    form.setValue('phone', phone, { shouldDirty: true });
    form.clearErrors('phone');
    form.setFocus('phone');
  }

  const typed = getTyped(form.watch());
  return { ...action, form, typed, submit, latest, conflict, restoreSaved, replacePhone };
}
