'use client';
import { zodResolver } from '@hookform/resolvers/zod';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { z } from 'zod';
import { formatCount } from '#components/format.ts';
import { useToast } from '#components/toast.tsx';
import { type SmsPolicy, smsPolicySchema } from '#lib/notifications/sms/schema.ts';
import { DRAFT_KEYS } from '../../drafts/draft-keys.ts';
import { useDraft } from '../../drafts/use-draft.ts';
import { showFieldErrors } from '../show-field-errors.ts';
import { OUTDATED, useServerAction } from '../use-server-action.ts';
import { saveSmsPolicy } from './actions.ts';
import { isSamePolicy, mergePolicy, type PolicyDifference, type TypedPolicy } from './merge-policy.ts';
import { formatTexts } from './usage-labels.ts';

type PolicyConflict = { changedBy: string | null; differences: PolicyDifference[] };

const limitsSchema = {
  perDay: z.union([z.string(), z.number()]),
  perAccountPerDay: z.union([z.string(), z.number()]),
};
const countriesSchema = z.array(z.string());
const draftSchema = z.object({
  original: z.object({
    version: z.int(),
    countries: countriesSchema,
    perDay: z.number(),
    perAccountPerDay: z.number(),
  }),
  typed: z.object({ countries: countriesSchema, ...limitsSchema }),
});

const EFFECT = {
  done: 'The text message settings were saved.',
  maybe: 'The settings may have been saved. You can safely try again.',
};

function toFormValues(version: number, { countries, perDay, perAccountPerDay }: TypedPolicy) {
  return { version, countries, perDay: String(perDay), perAccountPerDay: String(perAccountPerDay) };
}

function describeSaved(
  { countries, perDay, perAccountPerDay }: SmsPolicy,
  getCountryName: (code: string) => string,
) {
  if (perDay === 0 || perAccountPerDay === 0) return 'Texts are turned off.';
  const limits = `Up to ${formatTexts(perDay)} a day, ${formatCount(perAccountPerDay)} per account.`;
  const names = countries.map(getCountryName).toSorted();
  const others = names.length > 5 ? `${names.length} others` : names.join(', ');
  return `${limits} ${others ? `Countries: your own and ${others}.` : 'Your own country only.'}`;
}

/** Manages the form of the SMS policy, its latest saved version, and a conflict with another administrator. */
export function usePolicyEditor(original: SmsPolicy, getCountryName: (code: string) => string) {
  const toast = useToast();
  const { run, pending, failure, setFailure, reauth } = useServerAction(saveSmsPolicy, EFFECT);
  const [latest, setLatest] = useState(original);
  const [conflict, setConflict] = useState<PolicyConflict | null>(null);
  const form = useForm({
    resolver: zodResolver(smsPolicySchema),
    defaultValues: toFormValues(original.version, original),
  });

  function resetTo(policy: SmsPolicy, values: TypedPolicy = policy) {
    setLatest(policy);
    form.reset(toFormValues(policy.version, values));
  }

  function showConflict(
    edits: { original: SmsPolicy; saved: SmsPolicy; typed: TypedPolicy },
    changedBy: string | null,
  ) {
    const { merged, differences } = mergePolicy(edits, getCountryName);
    resetTo(edits.saved, merged);
    setConflict({ changedBy, differences });
  }

  const typedNow = form.watch();
  const draft = useDraft({
    key: DRAFT_KEYS.smsPolicy,
    schema: draftSchema,
    typed: isSamePolicy(typedNow, latest) ? null : { original: latest, typed: typedNow },
    isSaved: ({ typed }) => isSamePolicy(typed, latest),
    restore: ({ original: base, typed }) => {
      if (base.version !== latest.version) showConflict({ original: base, saved: latest, typed }, null);
      else resetTo(latest, typed);
    },
  });

  function showSaved(policy: SmsPolicy) {
    resetTo(policy);
    setConflict(null);
    draft.forget();
    toast({ title: 'Text message settings saved', description: describeSaved(policy, getCountryName) });
  }

  const submit = form.handleSubmit(async (values) => {
    const typed = form.getValues();
    const result = await run(values);
    if (!result) return;
    if (result.ok) showSaved(result.policy);
    else if (result.reason === 'invalid') {
      const fields = ['perDay', 'perAccountPerDay'] as const;
      if (!showFieldErrors(fields, result.fieldErrors, form.setError)) setFailure(OUTDATED);
    } else if (isSamePolicy(typed, result.current)) {
      // An earlier request, whose response was lost, may have saved the same.
      showSaved(result.current);
    } else {
      showConflict({ original: latest, saved: result.current, typed }, result.changedBy);
    }
  });

  function restoreSaved() {
    resetTo(latest);
    setConflict(null);
    draft.forget();
  }

  const isDraftRestored = draft.isRestored && !conflict;
  return { form, submit, pending, failure, reauth, latest, conflict, restoreSaved, isDraftRestored };
}
