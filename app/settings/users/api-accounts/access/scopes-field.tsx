'use client';
import { CircleAlert } from 'lucide-react';
import { type Ref, useId, useState } from 'react';
import { CheckboxField } from '#components/checkbox-field.tsx';
import type { NewScope } from '#lib/api-accounts/scopes/schema.ts';

const RETIRED = 'This scope doesn’t exist any more. Untick it.';

type ScopesFieldProps = {
  /** Names of scopes; null: full access. */
  value: string[] | null | undefined;
  onChange: (value: string[] | null) => void;
  onBlur: () => void;
  /** The first checkbox. */
  ref: Ref<HTMLInputElement>;
  error: string | undefined;
  /** The scopes that an account can have. */
  scopes: NewScope[];
};

/** Lets an account have full access or some of the organisation's scopes. */
export function ScopesField({ value = null, onChange, onBlur, ref, error, scopes }: ScopesFieldProps) {
  const [lastChosen, setLastChosen] = useState(value ?? []);
  const errorId = useId();
  const retired = (value ?? []).filter((chosen) => !scopes.some(({ name }) => name === chosen));
  const choices = [...scopes, ...retired.map((name) => ({ name, description: RETIRED }))];

  function setFullAccess(hasFullAccess: boolean) {
    if (value) setLastChosen(value);
    onChange(hasFullAccess ? null : lastChosen);
  }

  function toggle(name: string, isChosen: boolean) {
    const others = (value ?? []).filter((chosen) => chosen !== name);
    onChange(isChosen ? [...others, name].toSorted() : others);
  }

  return (
    <fieldset className="grid min-w-0 gap-2" aria-describedby={error && errorId}>
      <legend className="mb-1.5 font-medium">Scopes</legend>
      {value === null && choices.length === 0 ? (
        <p className="text-muted text-sm">
          <span>Your organisation has no scopes, so every account has full access. </span>
          <ScopesLink>Define scopes</ScopesLink>
        </p>
      ) : (
        <>
          <CheckboxField
            ref={ref}
            name="fullAccess"
            label="Full access"
            description="Requests that need any scope are allowed, including scopes that you add later."
            checked={value === null}
            onChange={(event) => setFullAccess(event.currentTarget.checked)}
            onBlur={onBlur}
          />
          {value !== null && choices.length > 0 && (
            <ul className="grid max-h-80 gap-x-6 gap-y-3 overflow-y-auto rounded-md border border-line p-3.5 sm:grid-cols-2">
              {choices.map(({ name, description }) => (
                <li key={name} className="wrap-anywhere min-w-0">
                  <CheckboxField
                    name={`scope-${name}`}
                    label={name}
                    description={description}
                    checked={value.includes(name)}
                    onChange={(event) => toggle(name, event.currentTarget.checked)}
                    onBlur={onBlur}
                  />
                </li>
              ))}
            </ul>
          )}
          <p className="text-muted text-sm">
            {value !== null && choices.length === 0 && <span>Your organisation has no scopes. </span>}
            <ScopesLink>{choices.length === 0 ? 'Define scopes' : 'Your organisation’s scopes'}</ScopesLink>
          </p>
        </>
      )}
      {error && (
        <p id={errorId} role="alert" className="flex gap-1.5 text-danger text-sm">
          <CircleAlert aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
          <span className="wrap-anywhere min-w-0">{error}</span>
        </p>
      )}
    </fieldset>
  );
}

/** Links to the page of scopes, in a new tab: the form around it may have unsaved changes. */
function ScopesLink({ children }: { children: string }) {
  return (
    <a
      href="/settings/scopes"
      target="_blank"
      rel="noreferrer"
      className="inline-block py-1 font-medium underline underline-offset-2"
    >
      <span>{children}</span>
      <span className="sr-only"> (opens a new tab)</span>
    </a>
  );
}
