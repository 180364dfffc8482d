import type { ReactNode } from 'react';

type PanelProps = {
  title: string;
  /** The factor's purpose or status. */
  description: ReactNode;
  /** A button. */
  action: ReactNode;
  children?: ReactNode;
};

/** Frames one kind of second factor. */
export function Panel({ title, description, action, children }: PanelProps) {
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
