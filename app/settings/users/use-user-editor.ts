'use client';
import { zodResolver } from '@hookform/resolvers/zod';
import { useState } from 'react';
import { useForm, useWatch } from 'react-hook-form';
import { z } from 'zod';
import { type EditUserInput, editUserSchema, type UserSummary } from '#lib/identity/users/schema.ts';
import { DRAFT_KEYS } from '../../drafts/draft-keys.ts';
import { useDraft } from '../../drafts/use-draft.ts';
import { mergeEdits } from '../merge-edits.ts';
import { useServerAction } from '../use-server-action.ts';
import { saveUser } from './actions.ts';
import { ADMINISTRATOR_REQUIRED, MISSING_USER } from './user-messages.ts';

/** `notifiedAddress`: the previous email address if it gets a notice of the change; null otherwise. */
export type SavedUserEdit = { before: UserSummary; after: UserSummary; notifiedAddress: string | null };
/** `current`: what was saved in between; `changedBy`: name or email address of who saved it, null if not known. */
export type UserConflict = { current: UserSummary; changedBy: string | null };

const FAILURE_MESSAGES = {
  not_found: MISSING_USER,
  own_permissions:
    'Not saved: you can’t change your own role or turn off your own access. Ask another Settings Administrator.',
  last_administrator: `Not saved: ${ADMINISTRATOR_REQUIRED} Give someone else the role first.`,
} as const;

type UserEditorEvents = {
  onSaved: (saved: SavedUserEdit) => void;
  /** Runs if the user already has the values in the form. */
  onAlreadySaved: (user: UserSummary) => void;
};

const EFFECT = {
  done: 'Your changes to the user were saved.',
  maybe: 'Your changes may have been saved. You can safely try again.',
};

const toFormValues = ({ id, version, name, email, role, active }: UserSummary): EditUserInput => ({
  ...{ id, version, name, email, role, active },
});

const FIELDS = ['name', 'email', 'role', 'active'] as const;
type EditableField = (typeof FIELDS)[number];
type EditableUser = Pick<UserSummary, EditableField>;

const editableSchema = z.object({
  name: z.string(),
  email: z.string(),
  role: z.enum(['settings_administrator', 'settings_viewer']).nullable(),
  active: z.boolean(),
});
const draftSchema = z.object({ version: z.int(), original: editableSchema, typed: editableSchema });

const pickEditable = ({ name, email, role, active }: EditableUser): EditableUser => ({
  ...{ name, email, role, active },
});

/** Reports whether the form has other values than the saved ones. */
const hasEdits = (typed: Partial<EditableUser>, saved: EditableUser) =>
  FIELDS.some((field) => typed[field] !== saved[field]);

/** Manages a user's form, the latest saved version, and a conflict with a change that was saved in between. */
export function useUserEditor(original: UserSummary, { onSaved, onAlreadySaved }: UserEditorEvents) {
  const { run, setFailure, ...action } = useServerAction(saveUser, EFFECT);
  const [latest, setLatest] = useState(original);
  const [conflict, setConflict] = useState<UserConflict | null>(null);
  const form = useForm({ resolver: zodResolver(editUserSchema), defaultValues: toFormValues(original) });
  const typed = useWatch({ control: form.control });
  const hasUnsavedChanges = hasEdits(typed, latest);
  // Saving a new role ends the user's sessions. A user who has not accepted the invitation has none.
  const signsOut = typed.role !== latest.role && latest.active && latest.hasAcceptedInvitation;

  function showConflict(
    edits: { original: EditableUser; saved: UserSummary; typed: EditableUser },
    changedBy: string | null,
  ) {
    const { saved } = edits;
    const { merged } = mergeEdits<EditableField, EditableUser>(FIELDS, edits);
    form.reset({ id: saved.id, version: saved.version, ...merged });
    setLatest(saved);
    setConflict({ current: saved, changedBy });
  }

  const draft = useDraft({
    key: DRAFT_KEYS.user(original.id),
    schema: draftSchema,
    typed: hasUnsavedChanges
      ? { version: latest.version, original: pickEditable(latest), typed: pickEditable(form.getValues()) }
      : null,
    isSaved: (stored) => !hasEdits(stored.typed, latest),
    restore: (stored) => {
      if (stored.version !== latest.version) showConflict({ ...stored, saved: latest }, null);
      // The saved values stay the form's default values.
      else form.reset({ ...toFormValues(latest), ...stored.typed }, { keepDefaultValues: true });
    },
  });

  function discardDraft() {
    form.setFocus('name');
    form.reset(toFormValues(latest));
    draft.forget();
  }

  const submit = form.handleSubmit(async (values) => {
    const result = await run(values);
    if (!result) return;
    if (result.ok) onSaved({ before: latest, after: result.user, notifiedAddress: result.notifiedAddress });
    else if (result.reason === 'conflict') {
      // An earlier request, whose response was lost, may have saved the same.
      if (!hasEdits(values, result.current)) return onAlreadySaved(result.current);
      showConflict({ original: latest, saved: result.current, typed: values }, result.changedBy);
    } else if (result.reason === 'email_taken') {
      const message = 'Another user already has this email address. Use a different one.';
      form.setError('email', { type: 'server', message }, { shouldFocus: true });
    } else if (result.reason === 'name_required') {
      form.setError('name', { type: 'server', message: 'Enter a name.' }, { shouldFocus: true });
    } else setFailure({ message: FAILURE_MESSAGES[result.reason], needsSignIn: false });
  });

  const isDraftRestored = draft.isRestored && !conflict;
  return {
    ...action,
    form,
    submit,
    latest,
    conflict,
    hasUnsavedChanges,
    signsOut,
    isDraftRestored,
    discardDraft,
  };
}
