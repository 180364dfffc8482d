'use client';
import { zodResolver } from '@hookform/resolvers/zod';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { z } from 'zod';
import { useToast } from '#components/toast.tsx';
import { newScopeSchema, type ScopeDetails } from '#lib/api-accounts/scopes/schema.ts';
import { DRAFT_KEYS } from '../../drafts/draft-keys.ts';
import { useDraft } from '../../drafts/use-draft.ts';
import { mergeEdits } from '../merge-edits.ts';
import { useServerAction } from '../use-server-action.ts';
import { saveScope } from './actions.ts';
import { MISSING_SCOPE } from './scope-messages.ts';

type Description = { description: string };
type ScopeConflict = {
  changedBy: string | null;
  differences: { label: string; saved: string; typed: string | null }[];
};

const draftSchema = z.object({ original: z.string(), typed: z.string() });

const EFFECT = {
  done: 'The description was saved.',
  maybe: 'The description may have been saved. You can safely try again.',
};

/** Manages the form of a scope, its latest saved description, and a conflict with another administrator. */
export function useScopeEditor({ name, description }: ScopeDetails, onClose: () => void) {
  const toast = useToast();
  const { run, setFailure, ...action } = useServerAction(saveScope, EFFECT);
  const [latest, setLatest] = useState(description);
  const [conflict, setConflict] = useState<ScopeConflict | null>(null);
  const form = useForm({
    resolver: zodResolver(newScopeSchema),
    defaultValues: { name, description },
  });

  function showConflict(
    edits: { original: Description; saved: Description; typed: Description },
    changedBy: string | null,
  ) {
    const { merged, changes } = mergeEdits<'description', Description>(['description'], edits);
    form.reset({ name, ...merged });
    setLatest(edits.saved.description);
    const differences = changes.map(({ isDisputed }) => ({
      label: 'Description',
      saved: edits.saved.description,
      typed: isDisputed ? edits.typed.description : null,
    }));
    setConflict({ changedBy, differences });
  }

  const typed = form.watch('description');
  const draft = useDraft({
    key: DRAFT_KEYS.scope(name),
    schema: draftSchema,
    typed: typed === latest ? null : { original: latest, typed },
    isSaved: (stored) => stored.typed === latest,
    restore: (stored) => {
      const values = { description: stored.typed };
      if (stored.original === latest) form.reset({ name, ...values }, { keepDefaultValues: true });
      else {
        const original = { description: stored.original };
        showConflict({ original, saved: { description: latest }, typed: values }, null);
      }
    },
  });

  function restoreSaved() {
    form.setFocus('description');
    form.reset({ name, description: latest });
    setConflict(null);
    draft.forget();
  }

  const submit = form.handleSubmit(async (values) => {
    const result = await run({ ...values, seenDescription: latest });
    if (!result) return;
    if (result.ok) {
      onClose();
      toast({ title: `Description of ${name} saved`, about: name });
    } else if (result.reason === 'changed') {
      const [original, saved] = [{ description: latest }, { description: result.current }];
      showConflict({ original, saved, typed: values }, result.changedBy);
    } else setFailure({ message: MISSING_SCOPE, needsSignIn: false });
  });

  const isDraftRestored = draft.isRestored && !conflict;
  return { ...action, form, submit, conflict, restoreSaved, isDraftRestored };
}
