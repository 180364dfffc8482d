'use client';
import { zodResolver } from '@hookform/resolvers/zod';
import { type FocusEvent, useState } from 'react';
import { type Resolver, type UseFormReturn, useForm } from 'react-hook-form';
import { z } from 'zod';
import { useAfterPress } from '#components/use-after-press.ts';
import { type NewApiAccount, newApiAccountSchema, type StartedDelivery } from '#lib/api-accounts/schema.ts';
import { DRAFT_KEYS } from '../../../../drafts/draft-keys.ts';
import { useFormDraft } from '../../../../drafts/use-form-draft.ts';
import { showFieldErrors } from '../../../show-field-errors.ts';
import { OUTDATED, useServerAction } from '../../../use-server-action.ts';
import { withPlainExpiry } from '../access/expiry-value.ts';
import { createAccount } from '../actions.ts';
import { findServerErrors } from '../find-server-errors.ts';
import { isConfirmable } from '../phone-confirmation.tsx';

const EFFECT = {
  done: 'The API account was created. It’s in the list.',
  maybe: 'The API account may have been created: check the list before you try again.',
};

/** The values in the form. */
export type NewAccountInput = z.input<typeof newApiAccountSchema>;
type NewAccountForm = UseFormReturn<NewAccountInput, unknown, NewApiAccount>;
/** What the account has access to. Null: it does not expire, and has full access from anywhere. */
export type NewAccountAccess = {
  expiresAt: Date | string | null;
  scopes: string[] | null;
  /** Lines as typed. */
  allowedNetworks: string[] | null;
};

const FIELDS = ['username', 'email', 'phone', 'expiresAt', 'scopes', 'allowedNetworks'] as const;
type Field = Exclude<(typeof FIELDS)[number], keyof NewAccountAccess>;

const DEFAULTS = { username: '', email: '', phone: '', scopes: null, allowedNetworks: null };
/** The fields that the server has to check as well. */
const CHECKED_FIELDS = ['username', 'phone', 'allowedNetworks'] as const;

const draftSchema = z.object({
  username: z.string(),
  email: z.string(),
  phone: z.string(),
  expiresAt: z.union([z.string(), z.date()]).nullable(),
  scopes: z.array(z.string()).nullable(),
  allowedNetworks: z.array(z.string()).nullable(),
});
const parse = zodResolver(newApiAccountSchema);

/**
 * Validates one field when it loses the focus, and all of them together when the form is submitted. If the schema
 * accepts all, the server's checks are left to the action that creates the account.
 */
const resolver: Resolver<NewAccountInput, unknown, NewApiAccount> = async (values, context, options) => {
  const result = await parse(values, context, options);
  const { names = [...FIELDS] } = options;
  const isSubmitted = names.length > 1;
  if (isSubmitted && Object.keys(result.errors).length === 0) return result;
  const { isPhoneConfirmed } = values;
  const unchecked = CHECKED_FIELDS.filter((field) => names.includes(field) && !(field in result.errors));
  if (unchecked.length === 0) return result;
  const fields = Object.fromEntries(unchecked.map((field) => [field, values[field]]));
  const found = await findServerErrors({ ...fields, isPhoneConfirmed });
  const errors = Object.entries(found).map(([field, message]) => [field, { type: 'server', message }]);
  return errors.length === 0
    ? result
    : { values: {}, errors: { ...result.errors, ...Object.fromEntries(errors) } };
};

/** Returns the props of the checkbox that confirms an unknown phone number; null if there is nothing to confirm. */
function registerConfirmation(form: NewAccountForm) {
  const isRejected = isConfirmable(form.formState.errors.phone?.message);
  if (!isRejected && form.watch('isPhoneConfirmed') === undefined) return null;
  return form.register('isPhoneConfirmed', { onChange: () => form.clearErrors('phone') });
}

/** Returns what is typed in the form, and keeps it as a draft if it is not the default. */
function useTyped(form: NewAccountForm, defaultExpiresAt: string | null) {
  const typed = form.watch();
  const { expiresAt = null, scopes = null, allowedNetworks = null } = typed;
  const access: NewAccountAccess = { expiresAt, scopes, allowedNetworks };
  const isTyped =
    expiresAt !== defaultExpiresAt || Object.values({ ...typed, expiresAt: null }).some(Boolean);
  const draft = useFormDraft({
    form,
    firstField: 'username',
    key: DRAFT_KEYS.newAccount,
    schema: draftSchema,
    typed: isTyped ? { ...typed, ...access } : null,
  });
  return { typed, access, draft };
}

/**
 * Provides the form of a new account: its values, errors, draft and submission.
 * @param defaultExpiresAt the expiry that the organisation gives new accounts; null if there is none
 */
export function useNewAccountForm(
  onCreated: (account: StartedDelivery) => void,
  defaultExpiresAt: string | null,
) {
  const { run, setFailure, ...action } = useServerAction(createAccount, EFFECT);
  const form = useForm({
    resolver,
    mode: 'onBlur',
    reValidateMode: 'onBlur',
    defaultValues: { ...DEFAULTS, expiresAt: defaultExpiresAt } as NewAccountInput,
  });
  const afterPress = useAfterPress();
  /** The email address that was typed when the field lost the focus. */
  const [typedEmail, setTypedEmail] = useState('');
  const { typed, access, draft } = useTyped(form, defaultExpiresAt);

  /** Returns the props of a field. An empty field is reported only when the form is submitted. */
  function register(name: Field) {
    const handleChange = () => {
      form.clearErrors(name);
      // Applies to the number that was confirmed.
      if (name === 'phone') form.setValue('isPhoneConfirmed', undefined);
    };
    const { onBlur, ...props } = form.register(name, { onChange: handleChange });
    const validate = (event: FocusEvent<HTMLInputElement>) => {
      if (!event.target.value.trim()) return;
      afterPress(() => {
        void onBlur(event);
        if (name === 'email') setTypedEmail(event.target.value);
      });
    };
    return { ...props, onBlur: validate };
  }

  const submit = form.handleSubmit(async (values) => {
    const result = await run(withPlainExpiry(values));
    if (result?.ok) onCreated(result.account);
    else if (result && !showFieldErrors(FIELDS, result.fieldErrors, form.setError)) setFailure(OUTDATED);
  });

  /** Puts a suggested value into a field. */
  function replaceValue(name: Field, value: string) {
    form.setValue(name, value, { shouldDirty: true });
    if (name === 'phone') form.setValue('isPhoneConfirmed', undefined);
    form.clearErrors(name);
    form.setFocus(name);
  }

  return {
    ...action,
    errors: form.formState.errors,
    control: form.control,
    access,
    clearError: form.clearErrors,
    setFocus: form.setFocus,
    register,
    phoneConfirmation: registerConfirmation(form),
    submit,
    replaceValue,
    isDraftRestored: draft.isRestored,
    discardDraft: draft.discard,
    /** The email address to check for a mistyped domain; empty while it is typed. */
    checkedEmail: typed.email === typedEmail && !form.formState.errors.email ? typedEmail : '',
  };
}
