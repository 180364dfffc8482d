import type { ComponentProps, ReactNode } from 'react';
import { classNames } from './class-names.ts';

/*
 * The table becomes a stack of cards if its container is narrow. Browsers drop a table's roles when its `display`
 * changes, so the roles are explicit. They are spread, because the linter reports literal ones as redundant.
 */
const ROLES = {
  table: { role: 'table' },
  group: { role: 'rowgroup' },
  row: { role: 'row' },
  header: { role: 'columnheader' },
  cell: { role: 'cell' },
} as const;

export type Column = {
  heading: string;
  /** Such as `w-1/5`. The Content-Security-Policy forbids inline styles. */
  widthClass: string;
  isHeadingHidden?: boolean;
};

/** Renders the table and its headings; `children` are its rows. */
export function Table({
  label,
  columns,
  children,
}: {
  label: string;
  columns: Column[];
  children: ReactNode;
}) {
  return (
    <div className="@container">
      <table
        {...ROLES.table}
        aria-label={label}
        className="@4xl:table block w-full table-fixed border-collapse text-start"
      >
        <thead {...ROLES.group} className="@4xl:static @4xl:table-header-group @max-4xl:sr-only">
          <tr {...ROLES.row} className="border-line border-b">
            {columns.map(({ heading, widthClass, isHeadingHidden }) => (
              <th
                {...ROLES.header}
                key={heading}
                scope="col"
                className={classNames(
                  'px-3 py-2.5 text-start font-medium text-muted text-sm first:ps-5 last:pe-5',
                  widthClass,
                )}
              >
                {isHeadingHidden ? <span className="sr-only">{heading}</span> : heading}
              </th>
            ))}
          </tr>
        </thead>
        <tbody {...ROLES.group} className="@4xl:table-row-group block">
          {children}
        </tbody>
      </table>
    </div>
  );
}

export function TableRow({ className, ...rest }: ComponentProps<'tr'>) {
  return (
    <tr
      {...rest}
      {...ROLES.row}
      className={classNames(
        '@4xl:table-row grid gap-x-6 gap-y-2.5 @xl:@max-4xl:grid-cols-2 border-line border-b px-5 py-4 transition-colors last:border-b-0 hover:bg-sunken/50',
        className,
      )}
    />
  );
}

/** Renders a cell; `label` precedes its content if the table is a stack of cards, where headings are hidden. */
export function TableCell({
  label,
  children,
  className,
}: {
  label?: string;
  children: ReactNode;
  className?: string;
}) {
  return (
    <td
      {...ROLES.cell}
      data-label={label}
      className={classNames(
        '@4xl:table-cell min-w-0 break-words @4xl:px-3 @4xl:py-3 @4xl:align-middle @4xl:first:ps-5 @4xl:last:pe-5',
        label && '@max-4xl:grid @max-4xl:grid-cols-[6.75rem_minmax(0,1fr)] stacked-label',
        className,
      )}
    >
      {children}
    </td>
  );
}
