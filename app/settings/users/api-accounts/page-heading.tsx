import type { ReactNode } from 'react';

/** Where one is, what this page is for, and its main button. */
export function PageHeading({ action, children }: { action?: ReactNode; children?: ReactNode }) {
  return (
    <>
      <nav aria-label="You are here">
        <ol className="flex flex-wrap gap-1.5 text-muted text-sm">
          <li>Settings</li>
          <li aria-hidden="true">›</li>
          <li>Users</li>
          <li aria-hidden="true">›</li>
          <li aria-current="page" className="text-ink">
            API Accounts
          </li>
        </ol>
      </nav>
      <div className="mt-3 mb-7 flex items-start justify-between gap-x-8 gap-y-4 max-sm:flex-col">
        <div className="min-w-0">
          <h1 className="font-semibold text-2xl tracking-tight">API Accounts</h1>
          {children && <p className="mt-1 max-w-2xl text-muted">{children}</p>}
        </div>
        {action}
      </div>
    </>
  );
}
