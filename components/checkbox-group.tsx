import { CircleAlert } from 'lucide-react';
import { type ReactNode, useId } from 'react';

type CheckboxGroupProps = { legend: string; error: string | undefined; children: ReactNode };

/** Groups checkboxes under a legend, and announces their error. */
export function CheckboxGroup({ legend, error, children }: CheckboxGroupProps) {
  const errorId = useId();
  return (
    <fieldset className="grid min-w-0 gap-3" aria-describedby={error && errorId}>
      <legend className="mb-1.5 font-medium">{legend}</legend>
      {children}
      {error && (
        <p id={errorId} role="alert" className="flex gap-1.5 text-danger text-sm">
          <CircleAlert aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
          <span>{error}</span>
        </p>
      )}
    </fieldset>
  );
}
