'use client';
import { zodResolver } from '@hookform/resolvers/zod';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { z } from 'zod';
import { useToast } from '#components/toast.tsx';
import { type ExpiryPolicy, expiryPolicySchema } from '#lib/api-accounts/expiry/schema.ts';
import { DRAFT_KEYS } from '../../drafts/draft-keys.ts';
import { useDraft } from '../../drafts/use-draft.ts';
import { showFieldErrors } from '../show-field-errors.ts';
import { OUTDATED, useServerAction } from '../use-server-action.ts';
import { saveExpiryPolicy } from './actions.ts';
import { formatDays } from './lifetime-labels.ts';
import {
  isSamePolicy,
  mergeExpiryPolicy,
  type PolicyDifference,
  type TypedPolicy,
  toTypedPolicy,
} from './merge-expiry-policy.ts';

type PolicyConflict = { changedBy: string | null; differences: PolicyDifference[] };

const daysSchema = z.number().nullable();
const draftSchema = z.object({
  original: z.object({ version: z.int(), defaultDays: daysSchema, maxDays: daysSchema }),
  typed: z.object({ defaultDays: z.string(), maxDays: z.string() }),
});

const EFFECT = {
  done: 'The expiry settings were saved.',
  maybe: 'The settings may have been saved. You can safely try again.',
};

const pickTyped = (values: Record<keyof TypedPolicy, string | number | null>): TypedPolicy => ({
  defaultDays: String(values.defaultDays ?? ''),
  maxDays: String(values.maxDays ?? ''),
});

const describeSaved = ({ defaultDays, maxDays }: ExpiryPolicy) =>
  `Default: ${formatDays(defaultDays ?? maxDays)}. Maximum: ${formatDays(maxDays)}.`;

/** Manages the form of the expiry policy, its latest saved version, and a conflict with another administrator. */
export function useExpiryEditor(original: ExpiryPolicy) {
  const toast = useToast();
  const { run, pending, failure, setFailure, reauth } = useServerAction(saveExpiryPolicy, EFFECT);
  const [latest, setLatest] = useState(original);
  const [conflict, setConflict] = useState<PolicyConflict | null>(null);
  const form = useForm({
    resolver: zodResolver(expiryPolicySchema),
    defaultValues: { version: original.version, ...toTypedPolicy(original) },
  });

  function resetTo(policy: ExpiryPolicy, values = toTypedPolicy(policy)) {
    setLatest(policy);
    form.reset({ version: policy.version, ...values });
  }

  function showConflict(
    edits: { original: ExpiryPolicy; saved: ExpiryPolicy; typed: TypedPolicy },
    changedBy: string | null,
  ) {
    const { merged, differences } = mergeExpiryPolicy(edits);
    resetTo(edits.saved, merged);
    setConflict({ changedBy, differences });
  }

  const typed = pickTyped(form.watch());
  const draft = useDraft({
    key: DRAFT_KEYS.expiryPolicy,
    schema: draftSchema,
    typed: isSamePolicy(typed, latest) ? null : { original: latest, typed },
    isSaved: (stored) => isSamePolicy(stored.typed, latest),
    restore: (stored) => {
      if (stored.original.version !== latest.version) showConflict({ ...stored, saved: latest }, null);
      else resetTo(latest, stored.typed);
    },
  });

  function showSaved(policy: ExpiryPolicy) {
    resetTo(policy);
    setConflict(null);
    draft.forget();
    toast({ title: 'Expiry settings saved', description: describeSaved(policy) });
  }

  const submit = form.handleSubmit(async (values) => {
    const submitted = pickTyped(form.getValues());
    const result = await run(values);
    if (!result) return;
    if (result.ok) showSaved(result.policy);
    else if (result.reason === 'invalid') {
      const fields = ['defaultDays', 'maxDays'] as const;
      if (!showFieldErrors(fields, result.fieldErrors, form.setError)) setFailure(OUTDATED);
    } else if (isSamePolicy(submitted, result.current)) {
      // An earlier request, whose response was lost, may have saved the same.
      showSaved(result.current);
    } else {
      showConflict({ original: latest, saved: result.current, typed: submitted }, result.changedBy);
    }
  });

  function restoreSaved() {
    resetTo(latest);
    setConflict(null);
    draft.forget();
  }

  const isDraftRestored = draft.isRestored && !conflict;
  const feedback = { pending, failure, reauth, conflict, isDraftRestored };
  return { form, typed, latest, submit, restoreSaved, ...feedback };
}
