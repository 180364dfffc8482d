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
  minLength: number;
  /** What an attacker would try first, such as the user's name. */
  userInputs: string[];
  /** For the browser's password manager. */
  username: string;
  ref?: Ref<HTMLInputElement>;
};

/** Renders the field for a new password, with a strength meter. The user can show the password instead of repeating it. */
export function NewPasswordField({
  value,
  onChange,
  userInputs,
  minLength,
  username,
  ...field
}: NewPasswordFieldProps) {
  const [isShown, setIsShown] = useState(false);
  return (
    <div className="grid gap-3">
      <input type="text" name="username" value={username} autoComplete="username" readOnly hidden />
      <TextField
        {...field}
        label="New password"
        name="new-password"
        type={isShown ? 'text' : 'password'}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        autoComplete="new-password"
        autoCapitalize="none"
        spellCheck={false}
        required
      />
      <StrengthMeter password={value} userInputs={userInputs} minLength={minLength} />
      <CheckboxField
        label="Show password"
        name="show-password"
        checked={isShown}
        onChange={(event) => setIsShown(event.target.checked)}
      />
    </div>
  );
}
