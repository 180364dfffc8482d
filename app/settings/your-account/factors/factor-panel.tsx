import type { ReactNode } from 'react';

type FactorPanelProps = {
  title: string;
  /** The factor's purpose or status. */
  description: ReactNode;
  /** The button that adds, replaces or removes the factor. */
  action: ReactNode;
  children?: ReactNode;
};

/** Frames one kind of second factor, or the recovery codes. */
export function FactorPanel({ title, description, action, children }: FactorPanelProps) {
  return (
    <div className="grid gap-4 p-5">
      <div className="flex items-start justify-between gap-x-6 gap-y-3 max-sm:flex-col">
        <div className="min-w-0">
          <h3 className="font-semibold text-lg">{title}</h3>
          <div className="mt-0.5 text-muted">{description}</div>
        </div>
        {action}
      </div>
      {children}
    </div>
  );
}
