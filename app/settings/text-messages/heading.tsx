import type { ReactNode } from 'react';

/** Where one is, and what this page is for. */
export function Heading({ children }: { children?: ReactNode }) {
  return (
    <>
      <nav aria-label="You are here">
        <ol className="flex flex-wrap gap-1.5 text-muted text-sm">
          <li>Settings</li>
          <li aria-hidden="true">›</li>
          <li aria-current="page" className="text-ink">
            Text messages
          </li>
        </ol>
      </nav>
      <div className="mt-3 mb-7">
        <h1 className="font-semibold text-2xl tracking-tight">Text messages</h1>
        {children && <p className="mt-1 max-w-2xl text-muted">{children}</p>}
      </div>
    </>
  );
}
