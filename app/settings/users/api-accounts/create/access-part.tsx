'use client';
import { ChevronRight } from 'lucide-react';
import { useEffect, useState } from 'react';
import { type Control, Controller, type FieldErrors, type UseFormSetFocus } from 'react-hook-form';
import type { NewApiAccount } from '#lib/api-accounts/schema.ts';
import { splitNetworks } from '#lib/platform/user-input/networks.ts';
import { formatExpiry, formatScopes } from '../access/access-labels.ts';
import { ExpiryField } from '../access/expiry-field.tsx';
import { NetworksField } from '../access/networks-field.tsx';
import type { AccessOptions } from '../access/read-access-options.ts';
import { ScopesField } from '../access/scopes-field.tsx';
import type { NewAccountAccess, NewAccountInput } from './use-new-account-form.ts';

type AccessPartProps = {
  control: Control<NewAccountInput, unknown, NewApiAccount>;
  errors: FieldErrors<NewAccountInput>;
  typed: NewAccountAccess;
  clearError: (field: keyof NewAccountAccess) => void;
  setFocus: UseFormSetFocus<NewAccountInput>;
  options: AccessOptions;
};

const ACCESS_FIELDS = ['expiresAt', 'scopes', 'allowedNetworks'] as const;

/** Summarises the access of a new account, such as "No expiry, full access". */
function summarize({ expiresAt, scopes, allowedNetworks }: NewAccountAccess, timeZone: string): string {
  const expiry = expiresAt === null ? 'No expiry' : `Expires at ${formatExpiry(expiresAt, timeZone)}`;
  const access = scopes === null ? 'full access' : scopes.length === 0 ? 'no scopes' : formatScopes(scopes);
  const { length } = splitNetworks(allowedNetworks ?? []);
  const networks = length === 0 ? [] : [length === 1 ? '1 network' : `${length} networks`];
  return [expiry, access, ...networks].join(', ');
}

/** Renders the optional fields of a new account, collapsed. Opens if one of them is invalid. */
export function AccessPart({ control, errors, typed, clearError, setFocus, options }: AccessPartProps) {
  const [isOpen, setIsOpen] = useState(false);
  const invalidField = ACCESS_FIELDS.find((name) => errors[name]);
  const isFirstInvalid = !errors.username && !errors.email && !errors.phone;
  const { timeZone, scopes, networkUse } = options;

  // The form cannot move the focus to a field that is still collapsed.
  const fieldToFocus = isOpen || !isFirstInvalid ? undefined : invalidField;
  useEffect(() => {
    if (fieldToFocus) setFocus(fieldToFocus);
  }, [fieldToFocus, setFocus]);

  return (
    <details
      open={isOpen || invalidField !== undefined}
      onToggle={(event) => setIsOpen(event.currentTarget.open)}
      className="group rounded-md border border-line"
    >
      <summary className="flex min-h-10 cursor-pointer list-none items-start gap-2 rounded-md px-3 py-2 [&::-webkit-details-marker]:hidden">
        <ChevronRight
          aria-hidden="true"
          className="mt-1 size-4 shrink-0 transition-transform group-open:rotate-90"
        />
        <span className="min-w-0 flex-1 break-words">
          <span className="font-medium">Access</span>{' '}
          <span className="text-muted text-sm">{`(optional): ${summarize(typed, timeZone)}`}</span>
        </span>
      </summary>
      <div className="grid gap-4 px-3 pt-2 pb-4">
        <Controller
          control={control}
          name="expiresAt"
          render={({ field }) => (
            <ExpiryField
              {...field}
              onChange={(value) => {
                field.onChange(value);
                clearError('expiresAt');
              }}
              error={errors.expiresAt?.message}
              timeZone={timeZone}
            />
          )}
        />
        <Controller
          control={control}
          name="scopes"
          render={({ field }) => (
            <ScopesField
              {...field}
              onChange={(value) => {
                field.onChange(value);
                clearError('scopes');
              }}
              error={errors.scopes?.message}
              scopes={scopes}
            />
          )}
        />
        <Controller
          control={control}
          name="allowedNetworks"
          render={({ field }) => (
            <NetworksField
              {...field}
              onChange={(value) => {
                field.onChange(value);
                clearError('allowedNetworks');
              }}
              error={errors.allowedNetworks?.message}
              use={networkUse}
              isNew
            />
          )}
        />
      </div>
    </details>
  );
}
