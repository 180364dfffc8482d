'use client';
import { Check } from 'lucide-react';
import { type ComponentProps, type ReactNode, useId } from 'react';

export type CheckboxFieldProps = ComponentProps<'input'> & {
  label: string;
  name: string;
  description?: ReactNode;
};

/** Renders a native checkbox with a label and a description. Accepts the props that `register` of react-hook-form returns. */
export function CheckboxField({ label, description, id, ...input }: CheckboxFieldProps) {
  const ownId = useId();
  const fieldId = id ?? ownId;
  return (
    <div className="grid grid-cols-[auto_1fr] gap-x-2.5 gap-y-0.5">
      <span className="relative mt-px grid size-5 place-items-center">
        <input
          {...input}
          id={fieldId}
          type="checkbox"
          aria-describedby={description ? `${fieldId}-description` : undefined}
          className="peer absolute inset-0 appearance-none rounded-sm border border-edge bg-surface checked:border-primary checked:bg-primary disabled:border-line disabled:bg-sunken"
        />
        <Check
          aria-hidden="true"
          strokeWidth={3}
          className="pointer-events-none relative size-3.5 text-on-primary opacity-0 peer-checked:opacity-100 peer-disabled:text-muted"
        />
      </span>
      <label htmlFor={fieldId} className="font-medium">
        {label}
      </label>
      {description && (
        <p id={`${fieldId}-description`} className="col-start-2 text-muted text-sm">
          {description}
        </p>
      )}
    </div>
  );
}
