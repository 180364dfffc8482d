'use client';
import { zodResolver } from '@hookform/resolvers/zod';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { z } from 'zod';
import { type AccountDetails, editApiAccountSchema } from '#lib/api-accounts/schema.ts';
import { normalizePhone } from '#lib/platform/user-input/phone.ts';
import { DRAFT_KEYS } from '../../../../drafts/draft-keys.ts';
import { useDraft } from '../../../../drafts/use-draft.ts';
import { showFieldErrors } from '../../../show-field-errors.ts';
import { OUTDATED, useServerAction } from '../../../use-server-action.ts';
import { withPlainExpiry } from '../access/expiry-value.ts';
import { saveAccount } from '../actions.ts';
import { MISSING_ACCOUNT } from '../failure-messages.ts';
import { findServerErrors } from '../find-server-errors.ts';
import {
  type AccountDifference,
  type EditableAccount,
  hasEdits,
  mergeAccount,
  pickEditable,
  refreshAccount,
} from './merge-account.ts';

export type SavedAccountEdit = {
  before: AccountDetails;
  after: AccountDetails;
  wasRevealRestarted: boolean;
  isPreviousAddressNotified: boolean;
};

export type AccountEditorOptions = {
  /** The organisation's time zone (IANA name), in which the expiry is entered and shown. */
  timeZone: string;
  onSaved: (saved: SavedAccountEdit) => void;
  /** Runs if the account already has the values in the form. */
  onAlreadySaved: (account: AccountDetails) => void;
};

type AccountEdits = { original: EditableAccount; saved: AccountDetails; typed: EditableAccount };

/** What another administrator saved in the meantime. `changedBy`: that administrator's name, if it is known. */
export type AccountConflict = { changedBy: string | null; differences: AccountDifference[] };

const editableSchema = z.object({
  email: z.string(),
  phone: z.string(),
  active: z.boolean(),
  requestsPerMinute: z.union([z.string(), z.number()]).nullable(),
  displayName: z.string(),
  notes: z.string(),
  expiresAt: z.union([z.string(), z.date()]).nullable(),
  scopes: z.array(z.string()).nullable(),
  allowedNetworks: z.array(z.string()).nullable(),
});
const draftSchema = z.object({ version: z.int(), original: editableSchema, typed: editableSchema });

/** The fields that may be invalid, in the order of the form. */
const FIELDS_WITH_ERRORS = [
  'displayName',
  'email',
  'phone',
  'notes',
  'requestsPerMinute',
  'expiresAt',
  'scopes',
  'allowedNetworks',
] as const;

const EFFECT = {
  done: 'Your changes to the API account were saved.',
  maybe: 'Your changes may have been saved. You can safely try again.',
};

function toFormValues({ id, version, ...values }: EditableAccount & { id: string; version: number }) {
  const { requestsPerMinute, expiresAt } = values;
  return {
    id,
    version,
    ...pickEditable(values),
    requestsPerMinute: String(requestsPerMinute ?? ''),
    expiresAt: expiresAt instanceof Date ? expiresAt.toISOString() : expiresAt,
  };
}

/** Manages the form of an account: its values, checking them before saving, and suggestions. */
function useAccountForm(original: AccountDetails) {
  const form = useForm({
    resolver: zodResolver(editApiAccountSchema),
    defaultValues: toFormValues(original),
    mode: 'onTouched',
  });

  const getTyped = (values = form.getValues()): EditableAccount => ({
    ...values,
    requestsPerMinute: values.requestsPerMinute ?? null,
    displayName: values.displayName ?? '',
    notes: values.notes ?? '',
    expiresAt: values.expiresAt ?? null,
    scopes: values.scopes ?? null,
    allowedNetworks: values.allowedNetworks ?? null,
  });

  /** Shows what is wrong with a changed phone number, unless it has been changed while the server checked it. */
  async function checkPhone() {
    const { phone, isPhoneConfirmed } = form.getValues();
    if (['', original.phone].includes(normalizePhone(phone))) return;
    const { phone: message } = await findServerErrors({ phone, isPhoneConfirmed });
    if (message && form.getValues('phone') === phone) form.setError('phone', { type: 'server', message });
  }

  /** Shows which of changed networks is invalid, unless they have been changed while the server checked them. */
  async function checkNetworks() {
    const isUnchanged = (lines: string[] | null | undefined) =>
      (form.getValues('allowedNetworks') ?? []).join('\n') === (lines ?? []).join('\n');
    const { allowedNetworks } = form.getValues();
    if (isUnchanged(original.allowedNetworks)) return;
    const { allowedNetworks: message } = await findServerErrors({ allowedNetworks });
    if (message && isUnchanged(allowedNetworks))
      form.setError('allowedNetworks', { type: 'server', message });
  }

  const checkOnServer = () => Promise.all([checkPhone(), checkNetworks()]);

  function addNetwork(network: string) {
    const lines = form.getValues('allowedNetworks') ?? [];
    const kept = lines.filter((line) => line.trim() !== '');
    form.setValue('allowedNetworks', [...kept, network], { shouldDirty: true });
    form.clearErrors('allowedNetworks');
    form.setFocus('allowedNetworks');
  }

  function replaceValue(field: 'email' | 'phone', value: string) {
    form.setValue(field, value, { shouldDirty: true });
    if (field === 'phone') forgetConfirmation();
    form.clearErrors(field);
    form.setFocus(field);
  }

  /** A confirmation applies to the number that was confirmed. */
  const forgetConfirmation = () => form.setValue('isPhoneConfirmed', undefined);

  return {
    form,
    getTyped,
    checkPhone,
    checkNetworks,
    checkOnServer,
    addNetwork,
    replaceValue,
    forgetConfirmation,
  };
}

type AccountForm = ReturnType<typeof useAccountForm>;

/**
 * Keeps the latest saved version of an account, and a conflict with another administrator.
 * @param original the account as the page has read it, again after each action
 */
function useSavedAccount(original: AccountDetails, { form, getTyped }: AccountForm, timeZone: string) {
  const [lastSaved, setLastSaved] = useState(original);
  const latest = refreshAccount(lastSaved, original);
  const [conflict, setConflict] = useState<AccountConflict | null>(null);

  function showConflict({ saved, ...edits }: AccountEdits, changedBy: string | null) {
    const { merged, differences } = mergeAccount({ saved, ...edits }, timeZone);
    form.reset(toFormValues({ ...saved, ...merged }));
    setLastSaved(saved);
    setConflict({ changedBy, differences });
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

  /** Puts the saved values into the form, instead of what was typed. */
  function restoreSaved(saved = latest) {
    form.reset(toFormValues(saved));
    setLastSaved(saved);
    setConflict(null);
    draft.forget();
  }

  return { latest, typed, conflict, showConflict, restoreSaved, draft };
}

/** Manages the editor of an account: its form, saving, and a conflict with another administrator. */
export function useAccountEditor(
  original: AccountDetails,
  { timeZone, onSaved, onAlreadySaved }: AccountEditorOptions,
) {
  const { run, setFailure, ...action } = useServerAction(saveAccount, EFFECT);
  const accountForm = useAccountForm(original);
  const { form, getTyped, checkOnServer } = accountForm;
  const saved = useSavedAccount(original, accountForm, timeZone);
  const { latest, typed, showConflict, restoreSaved } = saved;

  const save = form.handleSubmit(async (values) => {
    const result = await run(withPlainExpiry(values));
    if (!result) return;
    if (result.ok) {
      const { account, wasRevealRestarted, isPreviousAddressNotified } = result;
      restoreSaved(account);
      onSaved({ before: latest, after: account, wasRevealRestarted, isPreviousAddressNotified });
    } else if (result.reason === 'invalid') {
      if (!showFieldErrors(FIELDS_WITH_ERRORS, result.fieldErrors, form.setError)) setFailure(OUTDATED);
    } else if (result.reason === 'not_found') {
      setFailure({ message: `${MISSING_ACCOUNT} Nothing was saved.`, needsSignIn: false });
    } else {
      const { current, changedBy } = result;
      if (hasEdits(getTyped(), current)) {
        showConflict({ original: latest, saved: current, typed: getTyped() }, changedBy);
      } else {
        // An earlier request, whose response was lost, may have saved the same.
        restoreSaved(current);
        onAlreadySaved(current);
      }
    }
    // Because of another field, the server was not asked: shows all errors together.
  }, checkOnServer);

  return { ...action, ...accountForm, ...saved, save, hasUnsaved: hasEdits(typed, latest) };
}
