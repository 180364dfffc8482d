'use client';
import { zodResolver } from '@hookform/resolvers/zod';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { useToast } from '#components/toast.tsx';
import { type SmsPolicy, smsPolicySchema } from '#lib/notifications/sms/schema.ts';
import { showFieldErrors } from '../show-field-errors.ts';
import { useServerAction } from '../use-server-action.ts';
import { saveSmsPolicy } from './actions.ts';
import type { PolicyConflict } from './conflict-notice.tsx';
import { mergePolicy, type TypedPolicy } from './edit-conflict.ts';

function editValues(version: number, { countries, perDay, perAccountPerDay }: TypedPolicy) {
  return { version, countries, perDay: String(perDay), perAccountPerDay: String(perAccountPerDay) };
}

function describeSaved({ countries, perDay, perAccountPerDay }: SmsPolicy, nameOf: (code: string) => string) {
  const figures = `At most ${perDay.toLocaleString('en-GB')} ${perDay === 1 ? 'text' : 'texts'} a day, ${perAccountPerDay.toLocaleString('en-GB')} for each account.`;
  const named = countries.map(nameOf).toSorted();
  const shown = named.length > 5 ? `${named.length} countries` : named.join(', ');
  return `${figures} ${shown ? `Besides your own country: ${shown}.` : 'To your own country only.'}`;
}

/** The form of the rules for texts, with what is known to be saved, and who has changed it meanwhile. */
export function usePolicyEditor(opened: SmsPolicy, nameOf: (code: string) => string) {
  const toast = useToast();
  const { act, pending, failure } = useServerAction(saveSmsPolicy);
  const [known, setKnown] = useState(opened);
  const [conflict, setConflict] = useState<PolicyConflict | null>(null);
  const form = useForm({
    resolver: zodResolver(smsPolicySchema),
    defaultValues: editValues(opened.version, opened),
  });

  function take(rules: SmsPolicy, typed: TypedPolicy = rules) {
    setKnown(rules);
    form.reset(editValues(rules.version, typed));
  }

  const submit = form.handleSubmit(async (values) => {
    const typed = form.getValues();
    const result = await act(values);
    if (!result) return;
    if (result.ok) {
      take(result.rules);
      setConflict(null);
      toast({
        title: 'The rules for texts were saved',
        description: describeSaved(result.rules, nameOf),
      });
    } else if (result.reason === 'invalid') {
      showFieldErrors(['perDay', 'perAccountPerDay'], result.fieldErrors, form.setError);
    } else {
      const { current, changedBy } = result;
      const { merged, differences } = mergePolicy({ opened: known, saved: current, typed }, nameOf);
      take(current, merged);
      setConflict({ changedBy, differences });
    }
  });

  function takeSaved() {
    take(known);
    setConflict(null);
  }

  return { form, submit, pending, failure, known, conflict, takeSaved };
}
