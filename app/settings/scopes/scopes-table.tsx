import { formatCount } from '#components/format.ts';
import { Skeleton, SkeletonText } from '#components/skeleton.tsx';
import { SkeletonTableRows } from '#components/skeleton-table.tsx';
import { type Column, Table, TableCell, TableRow } from '#components/table.tsx';
import type { ScopeDetails } from '#lib/api-accounts/scopes/schema.ts';
import { ActionTime } from '../action-time.tsx';
import { ScopeButtons } from './scope-dialogs.tsx';

const CARD_CLASS = 'rounded-lg border border-line bg-surface shadow-card';

const NOT_COUNTED =
  'Accounts with full access have every scope, and aren’t counted here. A path of your API is limited only if your gateway requires a scope for it.';

const COLUMNS: Column[] = [
  { heading: 'Name', widthClass: 'w-[21%]' },
  { heading: 'Description', widthClass: 'w-[30%]' },
  { heading: 'Accounts', widthClass: 'w-[10%]' },
  { heading: 'Created', widthClass: 'w-[18%]' },
  { heading: 'Actions', widthClass: 'w-[21%]', isHeadingHidden: true },
];
const RETIRED_COLUMNS: Column[] = [
  { heading: 'Name', widthClass: 'w-[21%]' },
  { heading: 'Description', widthClass: 'w-[37%]' },
  { heading: 'Created', widthClass: 'w-[21%]' },
  { heading: 'Retired', widthClass: 'w-[21%]' },
];

/** Stands in for the list of scopes. */
export function ScopesSkeleton() {
  const labels = COLUMNS.map(({ heading }, index) =>
    index === 0 || index === COLUMNS.length - 1 ? undefined : heading,
  );
  return (
    <Skeleton className={CARD_CLASS}>
      <p className="border-line border-b px-5 py-3 text-sm">
        <SkeletonText>{NOT_COUNTED}</SkeletonText>
      </p>
      <Table label="Scopes" columns={COLUMNS}>
        <SkeletonTableRows rows={3} labels={labels} />
      </Table>
    </Skeleton>
  );
}

/** Lists the scopes that accounts can have. */
export function ScopesTable({ scopes }: { scopes: ScopeDetails[] }) {
  return (
    <section aria-label="Scopes" className={CARD_CLASS}>
      <p className="border-line border-b px-5 py-3 text-muted text-sm">{NOT_COUNTED}</p>
      <Table label="Scopes" columns={COLUMNS}>
        {scopes.map((scope) => (
          <TableRow key={scope.name}>
            <NameCell name={scope.name} />
            <TableCell label="Description">
              <bdi>{scope.description}</bdi>
            </TableCell>
            <TableCell label="Accounts" className="tabular-nums">
              {formatCount(scope.accounts)}
            </TableCell>
            <TableCell label="Created" className="text-muted">
              <ActionTime at={scope.createdAt} by={scope.createdBy} />
            </TableCell>
            <TableCell>
              <ScopeButtons scope={scope} describedBy={`scope-${scope.name}`} />
            </TableCell>
          </TableRow>
        ))}
      </Table>
    </section>
  );
}

/** Lists the scopes that no account can have any more. */
export function RetiredScopes({ scopes }: { scopes: ScopeDetails[] }) {
  return (
    <section aria-labelledby="retired-scopes" className={CARD_CLASS}>
      <div className="border-line border-b px-5 pt-5 pb-3">
        <h2 id="retired-scopes" className="font-semibold text-xl tracking-tight">
          Retired scopes
        </h2>
        <p className="mt-0.5 text-muted">
          No account has these, and their names can’t be used again. If your gateway still requires one, only
          accounts with full access are allowed.
        </p>
      </div>
      <Table label="Retired scopes" columns={RETIRED_COLUMNS}>
        {scopes.map(({ name, description, createdAt, createdBy, retiredAt, retiredBy }) => (
          <TableRow key={name}>
            <NameCell name={name} />
            <TableCell label="Description" className="text-muted">
              <bdi>{description}</bdi>
            </TableCell>
            <TableCell label="Created" className="text-muted">
              <ActionTime at={createdAt} by={createdBy} />
            </TableCell>
            <TableCell label="Retired" className="text-muted">
              {retiredAt && <ActionTime at={retiredAt} by={retiredBy} />}
            </TableCell>
          </TableRow>
        ))}
      </Table>
    </section>
  );
}

function NameCell({ name }: { name: string }) {
  return (
    <TableCell className="font-semibold">
      <bdi translate="no" id={`scope-${name}`}>
        {name}
      </bdi>
    </TableCell>
  );
}

const STEPS = [
  'Create a scope for a part of your API, such as orders:read.',
  'Make your gateway require it for the paths of that part.',
  'Open an account that may not use everything, and give it only the scopes it needs.',
];

/** Explains what scopes are for, until the first one exists. */
export function NoScopes() {
  return (
    <div className={`${CARD_CLASS} px-5 py-12 text-center`}>
      <h2 className="font-semibold text-xl tracking-tight">You have no scopes</h2>
      <p className="mx-auto mt-1 max-w-md text-balance text-muted">
        Every account can use all of your API. With scopes, you can limit an account to parts of it.
      </p>
      <ol className="mx-auto mt-6 grid w-fit max-w-xl list-decimal gap-1.5 ps-5 text-start">
        {STEPS.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
    </div>
  );
}
