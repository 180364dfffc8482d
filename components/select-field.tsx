import { type ComponentProps, type ReactNode, useId } from 'react';
import { classNames } from './class-names.ts';

export type SelectFieldProps = ComponentProps<'select'> & {
  label: string;
  name: string;
  description?: ReactNode;
  children: ReactNode;
};

/** Renders a labelled select with a description; `children` are its options. */
export function SelectField({ label, description, className, children, ...select }: SelectFieldProps) {
  const id = useId();
  return (
    <div className={classNames('grid min-w-0 gap-1.5', className)}>
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      {/* `:read-only` matches every select, so the colours of `field` for it are overridden. */}
      <select
        {...select}
        id={id}
        aria-describedby={description ? `${id}-description` : undefined}
        className="field enabled:read-only:border-edge enabled:read-only:bg-surface enabled:read-only:text-ink"
      >
        {children}
      </select>
      {description && (
        <p id={`${id}-description`} className="text-muted text-sm">
          {description}
        </p>
      )}
    </div>
  );
}
