'use client';
import { CircleAlert } from 'lucide-react';
import { type ComponentProps, type ReactNode, useId } from 'react';
import { classNames } from './class-names.ts';

export type TextFieldProps = ComponentProps<'input'> & {
  label: string;
  name: string;
  description?: ReactNode;
  error?: ReactNode;
  /** Something to check that is no error. Announced when it appears, if it was null before. */
  hint?: ReactNode;
};

/** Renders a labelled input and announces its error. Accepts the props that `register` of react-hook-form returns. */
export function TextField({ label, description, error, hint, className, id, ...input }: TextFieldProps) {
  const ownId = useId();
  const fieldId = id ?? ownId;
  const describedBy = [
    error && `${fieldId}-error`,
    hint && `${fieldId}-hint`,
    description && `${fieldId}-description`,
  ]
    .filter(Boolean)
    .join(' ');

  return (
    <div className={classNames('grid gap-1.5', className)}>
      <label htmlFor={fieldId} className="font-medium">
        {label}
      </label>
      <input
        type="text"
        {...input}
        id={fieldId}
        aria-invalid={error ? true : undefined}
        aria-describedby={describedBy || undefined}
        className="field"
      />
      {error && (
        <p id={`${fieldId}-error`} role="alert" className="flex gap-1.5 text-danger text-sm">
          <CircleAlert aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
          <span className="min-w-0 break-words">{error}</span>
        </p>
      )}
      {hint !== undefined && (
        <p id={`${fieldId}-hint`} role="status" className="break-words text-sm text-warning empty:hidden">
          {hint}
        </p>
      )}
      {description && (
        <p id={`${fieldId}-description`} className="text-muted text-sm">
          {description}
        </p>
      )}
    </div>
  );
}
