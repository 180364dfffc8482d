import Link from 'next/link';
import type { ReactNode } from 'react';

type SettingsHeadingProps = {
  title: string;
  /** Breadcrumbs between Settings and this page, such as Users, some of them links. */
  ancestors?: (string | { title: string; href: string })[];
  /** The page's main button. */
  action?: ReactNode;
  /** The purpose of the page. */
  children?: ReactNode;
};

/** Renders a page's breadcrumbs, heading, purpose and main button. */
export function SettingsHeading({ title, ancestors = [], action, children }: SettingsHeadingProps) {
  return (
    <>
      <nav aria-label="Breadcrumb">
        <ol className="flex flex-wrap gap-1.5 text-muted text-sm">
          {['Settings', ...ancestors].map((ancestor) => (
            <li key={typeof ancestor === 'string' ? ancestor : ancestor.href} className="flex gap-1.5">
              {typeof ancestor === 'string' ? (
                ancestor
              ) : (
                <Link href={ancestor.href} className="underline underline-offset-2 hover:text-ink">
                  {ancestor.title}
                </Link>
              )}
              <span aria-hidden="true">›</span>
            </li>
          ))}
          <li aria-current="page" className="text-ink">
            {title}
          </li>
        </ol>
      </nav>
      <div className="mt-3 mb-7 flex items-start justify-between gap-x-8 gap-y-4 max-sm:flex-col">
        <div className="min-w-0">
          <h1 className="font-semibold text-2xl tracking-tight">{title}</h1>
          {children && <p className="mt-1 max-w-2xl text-muted">{children}</p>}
        </div>
        {action}
      </div>
    </>
  );
}
