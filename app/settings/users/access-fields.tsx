'use client';
import type { UseFormReturn } from 'react-hook-form';
import { CheckboxField } from '#components/checkbox-field.tsx';
import { SelectField } from '#components/select-field.tsx';
import type { EditUserInput, UserSummary } from '#lib/identity/users/schema.ts';
import { RoleDescription, RoleOptions } from './role-options.tsx';

const CAN_SIGN_IN = 'This user can sign in';

type AccessFieldsProps = {
  form: UseFormReturn<EditUserInput>;
  user: UserSummary;
  /** Whether saving signs the user out. */
  signsOut: boolean;
};

/** Renders the fields for a user's role and whether the user may sign in. */
export function AccessFields({ form, user, signsOut }: AccessFieldsProps) {
  return (
    <>
      <SelectField
        label="Role"
        {...form.register('role', { setValueAs: (value) => value || null })}
        description={
          <RoleDescription
            provider={user.isRoleFromClaim ? user.provider : null}
            isLinked={user.isRoleFromClaim}
          />
        }
      >
        <RoleOptions />
      </SelectField>
      {/* Rendered while empty: some screen readers miss a live region that appears with its text. */}
      <p role="status" className="-mt-4 text-sm font-medium">
        {signsOut && (
          <span className="block pt-2">
            {user.isRoleFromClaim
              ? 'When you save, they’ll be signed out.'
              : 'When you save, they’ll be signed out. The new role applies when they sign in again.'}
          </span>
        )}
      </p>
      <CheckboxField
        label={CAN_SIGN_IN}
        {...form.register('active')}
        description={
          user.hasAcceptedInvitation
            ? 'Untick to sign them out immediately.'
            : 'Untick to cancel their invitation.'
        }
      />
    </>
  );
}

/**
 * Renders the administrator's own role and access, which only another administrator may change. The fields are not part
 * of the form, because a disabled field would count as an empty one.
 */
export function OwnAccessFields({ role }: { role: UserSummary['role'] }) {
  return (
    <>
      <SelectField
        label="Role"
        name="role"
        defaultValue={role ?? ''}
        disabled
        description="You can’t change your own role. Ask another Settings Administrator."
      >
        <RoleOptions />
      </SelectField>
      <CheckboxField
        label={CAN_SIGN_IN}
        name="active"
        defaultChecked
        disabled
        description="You can’t turn off your own access. Ask another Settings Administrator."
      />
    </>
  );
}
