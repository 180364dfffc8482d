'use client';
import { zodResolver } from '@hookform/resolvers/zod';
import { useState } from 'react';
import { useForm, useWatch } from 'react-hook-form';
import { type EditUser, editUserSchema, type UserSummary } from '#lib/identity/users/schema.ts';
import { useServerAction } from '../use-server-action.ts';
import { saveUser } from './actions.ts';

export type UserSaved = { before: UserSummary; after: UserSummary; formerTold: string | null };
export type UserConflict = { current: UserSummary; changedBy: string | null };

const FAILED = {
  missing: 'This user is no longer there. Nothing was saved.',
  own: 'Nothing was saved: nobody can change their own role or keep themselves from signing in. Ask another Settings Administrator.',
  last: 'Nothing was saved: somebody has to remain who can sign in as a Settings Administrator. Give another user that role first.',
  invalid: 'This could not be read. Reload the page, then try again.',
} as const;

const valuesOf = ({ id, version, name, email, role, active }: UserSummary): EditUser => ({
  ...{ id, version, name, email, role, active },
});

const FIELDS = ['name', 'email', 'role', 'active'] as const;

/** What was typed stays; a field that nobody touched here takes what somebody else has saved. */
function merge(opened: UserSummary, current: UserSummary, typed: EditUser): EditUser {
  return {
    id: current.id,
    version: current.version,
    name: typed.name === opened.name ? current.name : typed.name,
    email: typed.email === opened.email ? current.email : typed.email,
    role: typed.role === opened.role ? current.role : typed.role,
    active: typed.active === opened.active ? current.active : typed.active,
  };
}

/** The user's form, and who has changed them meanwhile. */
export function useUserEditor(opened: UserSummary, onSaved: (saved: UserSaved) => void) {
  const { act, setFailure, ...acting } = useServerAction(saveUser);
  const [known, setKnown] = useState(opened);
  const [conflict, setConflict] = useState<UserConflict | null>(null);
  const form = useForm({ resolver: zodResolver(editUserSchema), defaultValues: valuesOf(opened) });
  const typed = useWatch({ control: form.control });
  const unsaved = FIELDS.some((field) => typed[field] !== known[field]);
  // Who was only invited has nowhere to be signed out of.
  const signsOut = typed.role !== known.role && known.active && known.accepted;

  const submit = form.handleSubmit(async (values) => {
    const result = await act(values);
    if (!result) return;
    if (result.ok) onSaved({ before: known, after: result.user, formerTold: result.formerTold });
    else if (result.reason === 'conflict') {
      const { current, changedBy } = result;
      form.reset(merge(known, current, values));
      setKnown(current);
      setConflict({ current, changedBy });
    } else if (result.reason === 'taken') {
      const message = 'Another user has this address. Choose another one.';
      form.setError('email', { type: 'server', message }, { shouldFocus: true });
    } else if (result.reason === 'nameless') {
      form.setError('name', { type: 'server', message: 'Enter a name.' }, { shouldFocus: true });
    } else setFailure({ message: FAILED[result.reason], signInAgain: false });
  });

  return { ...acting, form, submit, known, conflict, unsaved, signsOut };
}
