import { ArrowDown, ArrowUp, ChevronsUpDown } from 'lucide-react';
import Link from 'next/link';
import type { ComponentProps, ReactNode } from 'react';
import { classNames } from './class-names.ts';
import { LinkSpinner } from './link-spinner.tsx';

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

type SortLink = {
  /** The page sorted by this column; in the other order, if it is sorted by it already. */
  href: string;
  /** The order in which the table is sorted by this column; null if it is sorted by another one. */
  order: 'asc' | 'desc' | null;
};

export type Column = {
  heading: string;
  /** Makes the heading a link that sorts the table. */
  sort?: SortLink;
  /** Such as `w-1/5`. The Content-Security-Policy forbids inline styles. */
  widthClass: string;
  isHeadingHidden?: boolean;
};

/** An order that no column shows. */
export type OtherOrder = { heading: string; sort: SortLink };

type TableProps = { label: string; columns: Column[]; otherOrders?: OtherOrder[]; children: ReactNode };

/** Renders the table and its headings; `children` are its rows. */
export function Table({ label, columns, otherOrders = [], children }: TableProps) {
  return (
    <div className="@container">
      <SortLinks columns={columns} otherOrders={otherOrders} />
      <table
        {...ROLES.table}
        aria-label={label}
        className="data-table @4xl:table block w-full table-fixed border-collapse text-start"
      >
        <thead {...ROLES.group} className="@4xl:static @4xl:table-header-group @max-4xl:sr-only">
          <tr {...ROLES.row} className="border-line border-b">
            {columns.map(({ heading, sort, widthClass, isHeadingHidden }) => (
              <th
                {...ROLES.header}
                key={heading}
                scope="col"
                aria-sort={sort?.order ? ARIA_SORT[sort.order] : undefined}
                className={widthClass}
              >
                {isHeadingHidden ? (
                  <span className="sr-only">{heading}</span>
                ) : (
                  <ColumnHeading heading={heading} sort={sort} />
                )}
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

/** Renders a column's heading, as a link if the table can be sorted by it. */
function ColumnHeading({ heading, sort }: { heading: string; sort: SortLink | undefined }) {
  if (!sort) return heading;
  return (
    <>
      {/* If the table is a stack of cards, this row is hidden, and `SortLinks` has the links. */}
      <span className="@4xl:hidden">{heading}</span>
      <SortLinkWithIcon {...sort} className="group @max-4xl:hidden">
        {heading}
      </SortLinkWithIcon>
    </>
  );
}

const SORT_ICONS = { asc: ArrowUp, desc: ArrowDown };
const ARIA_SORT = { asc: 'ascending', desc: 'descending' } as const;

function SortLinkWithIcon({ href, order, className, ...rest }: SortLink & ComponentProps<typeof Link>) {
  const Icon = order ? SORT_ICONS[order] : ChevronsUpDown;
  const { children } = rest;
  return (
    <Link
      {...rest}
      href={href}
      prefetch={false}
      scroll={false}
      className={classNames('sort-link', className)}
    >
      {children}
      <LinkSpinner>
        <Icon
          aria-hidden="true"
          className={classNames('size-4 shrink-0', !order && 'opacity-60 group-hover:opacity-100')}
        />
      </LinkSpinner>
    </Link>
  );
}

/**
 * Renders the links that sort the table in an order that no column shows, and in every order if it is a stack of cards,
 * which has no headings.
 */
function SortLinks({ columns, otherOrders }: Required<Pick<TableProps, 'columns' | 'otherOrders'>>) {
  if (columns.every(({ sort }) => !sort) && otherOrders.length === 0) return null;
  const links = [
    ...columns.map(({ heading, sort }) => ({ heading, sort, className: '@4xl:hidden' })),
    ...otherOrders.map((other) => ({ ...other, className: 'group' })),
  ];
  return (
    <nav
      aria-label="Sort by"
      className={classNames(
        'flex flex-wrap items-center gap-x-4 gap-y-1 border-line border-b px-5 py-2.5 text-sm @4xl:py-1',
        otherOrders.length === 0 && '@4xl:hidden',
      )}
    >
      <span aria-hidden="true" className="text-muted">
        <span className="@4xl:hidden">Sort by</span>
        <span className="@max-4xl:hidden">Also sort by</span>
      </span>
      {links.map(
        ({ heading, sort, className }) =>
          sort && (
            <SortLinkWithIcon
              key={heading}
              {...sort}
              aria-current={sort.order ? 'true' : undefined}
              className={className}
            >
              {heading}
              {sort.order && <span className="sr-only">{`, ${ARIA_SORT[sort.order]}`}</span>}
            </SortLinkWithIcon>
          ),
      )}
    </nav>
  );
}

export function TableRow(props: ComponentProps<'tr'>) {
  return <tr {...props} {...ROLES.row} />;
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
    <td {...ROLES.cell} data-label={label} className={className}>
      {children}
    </td>
  );
}
