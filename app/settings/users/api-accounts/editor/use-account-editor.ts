'use client';
import { zodResolver } from '@hookform/resolvers/zod';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { z } from 'zod';
import { type AccountSummary, editApiAccountSchema } from '#lib/api-accounts/schema.ts';
import { DRAFT_KEYS } from '../../../../drafts/draft-keys.ts';
import { useDraft } from '../../../../drafts/use-draft.ts';
import { showFieldErrors } from '../../../show-field-errors.ts';
import { OUTDATED, useServerAction } from '../../../use-server-action.ts';
import { saveAccount } from '../actions.ts';
import { MISSING_ACCOUNT } from '../failure-messages.ts';
import {
  type AccountDifference,
  type EditableAccount,
  hasEdits,
  mergeAccount,
  pickEditable,
} from './merge-account.ts';

export type SavedAccountEdit = {
  before: AccountSummary;
  after: AccountSummary;
  wasRevealRestarted: boolean;
  isPreviousAddressNotified: boolean;
};

export type AccountEditorEvents = {
  onSaved: (saved: SavedAccountEdit) => void;
  /** Runs if the account already has the values in the form. */
  onAlreadySaved: (account: AccountSummary) => void;
};

type AccountEdits = { original: EditableAccount; saved: AccountSummary; typed: EditableAccount };

/** What another administrator saved in the meantime. `changedBy`: that administrator's name, if it is known. */
export type AccountConflict = { changedBy: string | null; differences: AccountDifference[] };

const editableSchema = z.object({
  email: z.string(),
  phone: z.string(),
  active: z.boolean(),
  requestsPerMinute: z.union([z.string(), z.number()]).nullable(),
});
const draftSchema = z.object({ version: z.int(), original: editableSchema, typed: editableSchema });

const EFFECT = {
  done: 'Your changes to the API account were saved.',
  maybe: 'Your changes may have been saved. You can safely try again.',
};

function toFormValues({ id, version, ...values }: EditableAccount & { id: string; version: number }) {
  const { email, phone, active, requestsPerMinute } = values;
  return { id, version, email, phone, active, requestsPerMinute: String(requestsPerMinute ?? '') };
}

/** Manages an account's form, its latest saved version, and a conflict with another administrator. */
export function useAccountEditor(original: AccountSummary, { onSaved, onAlreadySaved }: AccountEditorEvents) {
  const { run, setFailure, ...action } = useServerAction(saveAccount, EFFECT);
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

  function showConflict({ saved, ...edits }: AccountEdits, changedBy: string | null) {
    const { merged, differences } = mergeAccount({ saved, ...edits });
    form.reset(toFormValues({ ...saved, ...merged }));
    setLatest(saved);
    setConflict({ changedBy, differences });
  }

  const submit = form.handleSubmit(async (values) => {
    const result = await run(values);
    if (!result) return;
    if (result.ok) {
      const { account, wasRevealRestarted, isPreviousAddressNotified } = result;
      onSaved({ before: latest, after: account, wasRevealRestarted, isPreviousAddressNotified });
    } else if (result.reason === 'invalid') {
      const fields = ['email', 'phone', 'requestsPerMinute'] as const;
      if (!showFieldErrors(fields, result.fieldErrors, form.setError)) setFailure(OUTDATED);
    } else if (result.reason === 'not_found') {
      setFailure({ message: `${MISSING_ACCOUNT} Nothing was saved.`, needsSignIn: false });
    } else {
      const { current, changedBy } = result;
      // An earlier request, whose response was lost, may have saved the same.
      if (!hasEdits(getTyped(), current)) return onAlreadySaved(current);
      showConflict({ original: latest, saved: current, typed: getTyped() }, changedBy);
    }
  });

  /** Puts the saved values into the form, instead of what was typed. */
  function restoreSaved() {
    form.reset(toFormValues(latest));
    setConflict(null);
    draft.forget();
  }

  function replacePhone(phone: string) {
    form.setValue('phone', phone, { shouldDirty: true });
    form.clearErrors('phone');
    form.setFocus('phone');
  }

  const typed = getTyped(form.watch());
  const draft = useDraft({
    key: DRAFT_KEYS.account(original.id),
    schema: draftSchema,
    typed: hasEdits(typed, latest)
      ? { version: latest.version, original: pickEditable(latest), typed: pickEditable(typed) }
      : null,
    isSaved: (stored) => !hasEdits(stored.typed, latest),
    restore: (stored) => {
      if (stored.version !== latest.version) showConflict({ ...stored, saved: latest }, null);
      // The saved values stay the form's default values.
      else form.reset(toFormValues({ ...latest, ...stored.typed }), { keepDefaultValues: true });
    },
  });

  return { ...action, form, typed, submit, latest, conflict, restoreSaved, replacePhone, draft };
}
