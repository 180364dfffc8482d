import { type ComponentProps, type ReactNode, useId } from 'react';
import { classNames } from './class-names.ts';

export type SelectFieldProps = ComponentProps<'select'> & {
  label: string;
  name: string;
  children: ReactNode;
};

/** A labelled choice of one among a list; `children` are its options. */
export function SelectField({ label, className, children, ...select }: SelectFieldProps) {
  const id = useId();
  return (
    <div className={classNames('grid min-w-0 gap-1.5', className)}>
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      {/* A choice counts as read-only in CSS, and is not. */}
      <select
        {...select}
        id={id}
        className="field read-only:border-edge read-only:bg-surface read-only:text-ink"
      >
        {children}
      </select>
    </div>
  );
}
