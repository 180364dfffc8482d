'use client';
import { zodResolver } from '@hookform/resolvers/zod';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { formatCount } from '#components/format.ts';
import { useToast } from '#components/toast.tsx';
import { type SmsPolicy, smsPolicySchema } from '#lib/notifications/sms/schema.ts';
import { showFieldErrors } from '../show-field-errors.ts';
import { useServerAction } from '../use-server-action.ts';
import { saveSmsPolicy } from './actions.ts';
import { mergePolicy, type PolicyDifference, type TypedPolicy } from './merge-policy.ts';
import { formatTexts } from './usage-labels.ts';

type PolicyConflict = { changedBy: string | null; differences: PolicyDifference[] };

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
  const { run, pending, failure, reauth } = useServerAction(saveSmsPolicy);
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

  const submit = form.handleSubmit(async (values) => {
    const typed = form.getValues();
    const result = await run(values);
    if (!result) return;
    if (result.ok) {
      resetTo(result.policy);
      setConflict(null);
      toast({
        title: 'Text message settings saved',
        description: describeSaved(result.policy, getCountryName),
      });
    } else if (result.reason === 'invalid') {
      showFieldErrors(['perDay', 'perAccountPerDay'], result.fieldErrors, form.setError);
    } else {
      const { current, changedBy } = result;
      const { merged, differences } = mergePolicy(
        { original: latest, saved: current, typed },
        getCountryName,
      );
      resetTo(current, merged);
      setConflict({ changedBy, differences });
    }
  });

  function restoreSaved() {
    resetTo(latest);
    setConflict(null);
  }

  return { form, submit, pending, failure, reauth, latest, conflict, restoreSaved };
}
