'use client';
import { CircleAlert } from 'lucide-react';
import { type ComponentProps, type ReactNode, useId } from 'react';

export type TextAreaFieldProps = ComponentProps<'textarea'> & {
  label: string;
  name: string;
  description?: ReactNode;
  error?: ReactNode;
};

/** Renders a labelled field for several lines, like `TextField`. */
export function TextAreaField({ label, description, error, ...textarea }: TextAreaFieldProps) {
  const id = useId();
  const describedBy = [error && `${id}-error`, description && `${id}-description`].filter(Boolean).join(' ');
  return (
    <div className="grid gap-1.5">
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      <textarea
        rows={3}
        {...textarea}
        id={id}
        aria-invalid={error ? true : undefined}
        aria-describedby={describedBy || undefined}
        className="field field-sizing-content max-h-64 min-h-20 py-2"
      />
      {error && (
        <p id={`${id}-error`} role="alert" className="flex gap-1.5 text-danger text-sm">
          <CircleAlert aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
          <span className="min-w-0 break-words">{error}</span>
        </p>
      )}
      {description && (
        <p id={`${id}-description`} className="text-muted text-sm">
          {description}
        </p>
      )}
    </div>
  );
}
