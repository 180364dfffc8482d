'use client';
import { zodResolver } from '@hookform/resolvers/zod';
import { useState } from 'react';
import { useForm, useWatch } from 'react-hook-form';
import { type EditUserInput, editUserSchema, type UserSummary } from '#lib/identity/users/schema.ts';
import { mergeEdits } from '../merge-edits.ts';
import { useServerAction } from '../use-server-action.ts';
import { saveUser } from './actions.ts';
import { ADMINISTRATOR_REQUIRED, INVALID_REQUEST, MISSING_USER } from './user-messages.ts';

/** `notifiedAddress`: the previous email address if it gets a notice of the change; null otherwise. */
export type SavedUserEdit = { before: UserSummary; after: UserSummary; notifiedAddress: string | null };
/** `current`: what was saved in between; `changedBy`: name or email address of who saved it, null if not known. */
export type UserConflict = { current: UserSummary; changedBy: string | null };

const FAILURE_MESSAGES = {
  not_found: MISSING_USER,
  own_permissions:
    'Not saved: you can’t change your own role or turn off your own access. Ask another Settings Administrator.',
  last_administrator: `Not saved: ${ADMINISTRATOR_REQUIRED} Give someone else the role first.`,
  invalid: INVALID_REQUEST,
} as const;

const toFormValues = ({ id, version, name, email, role, active }: UserSummary): EditUserInput => ({
  ...{ id, version, name, email, role, active },
});

const FIELDS = ['name', 'email', 'role', 'active'] as const;
type EditableField = (typeof FIELDS)[number];

/** Manages a user's form, the latest saved version, and a conflict with a change that was saved in between. */
export function useUserEditor(original: UserSummary, onSaved: (saved: SavedUserEdit) => void) {
  const { run, setFailure, ...action } = useServerAction(saveUser);
  const [latest, setLatest] = useState(original);
  const [conflict, setConflict] = useState<UserConflict | null>(null);
  const form = useForm({ resolver: zodResolver(editUserSchema), defaultValues: toFormValues(original) });
  const typed = useWatch({ control: form.control });
  const hasUnsavedChanges = FIELDS.some((field) => typed[field] !== latest[field]);
  // Saving a new role ends the user's sessions. A user who has not accepted the invitation has none.
  const signsOut = typed.role !== latest.role && latest.active && latest.hasAcceptedInvitation;

  const submit = form.handleSubmit(async (values) => {
    const result = await run(values);
    if (!result) return;
    if (result.ok) onSaved({ before: latest, after: result.user, notifiedAddress: result.notifiedAddress });
    else if (result.reason === 'conflict') {
      const { current, changedBy } = result;
      const { merged } = mergeEdits<EditableField, EditUserInput>(FIELDS, {
        original: toFormValues(latest),
        saved: toFormValues(current),
        typed: values,
      });
      form.reset({ id: current.id, version: current.version, ...merged });
      setLatest(current);
      setConflict({ current, changedBy });
    } else if (result.reason === 'email_taken') {
      const message = 'Another user already has this email address. Use a different one.';
      form.setError('email', { type: 'server', message }, { shouldFocus: true });
    } else if (result.reason === 'name_required') {
      form.setError('name', { type: 'server', message: 'Enter a name.' }, { shouldFocus: true });
    } else setFailure({ message: FAILURE_MESSAGES[result.reason], needsSignIn: false });
  });

  return { ...action, form, submit, latest, conflict, hasUnsavedChanges, signsOut };
}
