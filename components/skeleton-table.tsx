import { classNames } from './class-names.ts';
import { ROW_WIDTHS, SkeletonLine } from './skeleton.tsx';
import { TableCell, TableRow } from './table.tsx';

type SkeletonTableRowsProps = {
  rows: number;
  /** Those of the cells, undefined for a cell without one. */
  labels: (string | undefined)[];
  /** The least height of a cell's content, such as that of a badge. */
  contentClass?: string;
};

/** Draws rows for a `Table`. */
export function SkeletonTableRows({ rows, labels, contentClass = '' }: SkeletonTableRowsProps) {
  return Array.from({ length: rows }, (_, row) => (
    <TableRow key={String(row)}>
      {labels.map((label, column) => (
        <TableCell
          key={label ?? column}
          {...(label !== undefined && { label })}
          className={column === 0 ? '@max-4xl:text-lg' : ''}
        >
          <div className={classNames('flex items-center *:w-full', contentClass)}>
            <SkeletonLine className={ROW_WIDTHS[(row + column) % ROW_WIDTHS.length] ?? ''} />
          </div>
        </TableCell>
      ))}
    </TableRow>
  ));
}
