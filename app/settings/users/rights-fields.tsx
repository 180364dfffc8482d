'use client';
import type { UseFormReturn } from 'react-hook-form';
import { CheckboxField } from '#components/checkbox-field.tsx';
import { SelectField } from '#components/select-field.tsx';
import type { EditUser, UserSummary } from '#lib/identity/users/schema.ts';
import { RoleByClaim } from './role-by-claim.tsx';
import { RoleMeanings } from './role-meanings.tsx';
import { RoleOptions } from './role-options.tsx';

const MAY_SIGN_IN = 'This user may sign in';

type RightsProps = {
  form: UseFormReturn<EditUser>;
  user: UserSummary;
  /** Whose role it is will be signed out by saving it. */
  signsOut: boolean;
};

/** What somebody may do, and whether they may sign in at all. */
export function Rights({ form, user, signsOut }: RightsProps) {
  return (
    <>
      <SelectField
        label="Role"
        {...form.register('role', { setValueAs: (value) => value || null })}
        description={
          <>
            <RoleMeanings />
            <RoleByClaim provider={user.roleByClaim ? user.provider : null} linked />
          </>
        }
      >
        <RoleOptions />
      </SelectField>
      {/* It is there before it says something: otherwise some screen readers miss it. */}
      <p role="status" className="-mt-4 text-sm font-medium">
        {signsOut && (
          <span className="block pt-2">
            {user.roleByClaim
              ? 'When you save, they are signed out at once.'
              : 'When you save, they are signed out at once, and have the new role when they sign in again.'}
          </span>
        )}
      </p>
      <CheckboxField
        label={MAY_SIGN_IN}
        {...form.register('active')}
        description={
          user.accepted
            ? 'Unticked, they are signed out at once.'
            : 'Unticked, their invitation ends at once.'
        }
      />
    </>
  );
}

/**
 * One's own: to be seen, and for another administrator to change. They are no part of the form, which keeps what it
 * began with: a switched-off field would count there as an empty one.
 */
export function OwnRole({ role }: { role: UserSummary['role'] }) {
  return (
    <>
      <SelectField
        label="Role"
        name="role"
        defaultValue={role ?? ''}
        disabled
        description="Nobody can change their own role. Ask another Settings Administrator."
      >
        <RoleOptions />
      </SelectField>
      <CheckboxField
        label={MAY_SIGN_IN}
        name="active"
        defaultChecked
        disabled
        description="Nobody can keep themselves from signing in. Ask another Settings Administrator."
      />
    </>
  );
}
