import { type ComponentProps, type ReactNode, useId } from 'react';

export type RadioFieldProps = ComponentProps<'input'> & {
  label: string;
  name: string;
  description?: ReactNode;
  /** What the radio button reveals, below its description. */
  children?: ReactNode;
};

/** Renders a native radio button with a label and a description. The group's `fieldset` has its question as `legend`. */
export function RadioField({ label, description, children, ...input }: RadioFieldProps) {
  const id = useId();
  return (
    <div className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-2.5 gap-y-0.5">
      <span className="relative mt-px grid size-5 place-items-center">
        <input
          {...input}
          id={id}
          type="radio"
          aria-describedby={description ? `${id}-description` : undefined}
          className="peer absolute inset-0 appearance-none rounded-full border border-edge bg-surface checked:border-primary"
        />
        <span
          aria-hidden="true"
          className="pointer-events-none relative size-2.5 rounded-full bg-primary opacity-0 peer-checked:opacity-100 forced-colors:bg-[CanvasText]"
        />
      </span>
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      {description && (
        <p id={`${id}-description`} className="col-start-2 text-muted text-sm">
          {description}
        </p>
      )}
      {children && <div className="col-start-2 mt-1.5">{children}</div>}
    </div>
  );
}
