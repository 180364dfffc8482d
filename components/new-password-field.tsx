'use client';
import { type Ref, useState } from 'react';
import { CheckboxField } from './checkbox-field.tsx';
import { StrengthMeter } from './strength-meter.tsx';
import { TextField } from './text-field.tsx';

export type NewPasswordFieldProps = {
  value: string;
  onChange: (value: string) => void;
  error?: string | undefined;
  description: string;
  /** How many characters it has at least. */
  least: number;
  /** For the estimate: what anybody would try first. */
  about: string[];
  /** Whose password it is: for the browser's password manager. */
  username: string;
  ref?: Ref<HTMLInputElement>;
};

/** Where a new password is typed: once, since it can be shown; with how hard it is to guess. */
export function NewPasswordField({
  value,
  onChange,
  about,
  least,
  username,
  ...field
}: NewPasswordFieldProps) {
  const [shown, setShown] = useState(false);
  return (
    <div className="grid gap-3">
      <input type="text" name="username" value={username} autoComplete="username" readOnly hidden />
      <TextField
        {...field}
        label="New password"
        name="new-password"
        type={shown ? 'text' : 'password'}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        autoComplete="new-password"
        autoCapitalize="none"
        spellCheck={false}
        required
      />
      <StrengthMeter password={value} about={about} least={least} />
      <CheckboxField
        label="Show the password"
        name="show-password"
        checked={shown}
        onChange={(event) => setShown(event.target.checked)}
      />
    </div>
  );
}
