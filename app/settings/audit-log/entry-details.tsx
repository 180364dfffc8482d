import { ChevronRight } from 'lucide-react';
import type { AuditEntry } from '#lib/audit/schema.ts';
import { type Change, type Detail, listChanges, listDetails, listTechnicalDetails } from './list-details.ts';

/** Shows an entry's changes as a table, and its other details as lists. Technical details can be expanded. */
export function EntryDetails({ entry }: { entry: AuditEntry }) {
  const changes = listChanges(entry);
  const details = listDetails(entry);
  return (
    <div className="mt-1 mb-1.5 grid gap-3 rounded-md border border-line bg-sunken px-3.5 py-3 text-sm">
      {changes.length > 0 && <ChangesTable changes={changes} />}
      {details.length > 0 && <DetailList details={details} />}
      <details className="group/technical">
        <summary className="inline-flex min-h-6 cursor-pointer list-none items-center gap-1 rounded-sm pe-1.5 text-muted hover:text-ink [&::-webkit-details-marker]:hidden">
          <ChevronRight
            aria-hidden="true"
            className="size-4 shrink-0 transition-transform group-open/technical:rotate-90"
          />
          <span>Technical details</span>
        </summary>
        <div className="mt-1.5">
          <DetailList details={listTechnicalDetails(entry)} />
        </div>
      </details>
    </div>
  );
}

function DetailList({ details }: { details: Detail[] }) {
  return (
    <dl className="grid gap-x-4 gap-y-1 sm:grid-cols-[9.5rem_minmax(0,1fr)]">
      {details.map(({ label, value }) => (
        <div key={label} className="contents">
          <dt className="text-muted">{label}</dt>
          <dd className="min-w-0 break-words max-sm:mb-1">
            <bdi>{value}</bdi>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function ChangesTable({ changes }: { changes: Change[] }) {
  return (
    <table className="w-full table-fixed border-collapse text-start">
      <caption className="sr-only">Changes</caption>
      <thead>
        <tr className="text-muted">
          <th scope="col" className="w-[30%] pb-1 text-start font-medium">
            Field
          </th>
          <th scope="col" className="pe-3 pb-1 text-start font-medium">
            Before
          </th>
          <th scope="col" className="pb-1 text-start font-medium">
            After
          </th>
        </tr>
      </thead>
      <tbody>
        {changes.map(({ label, before, after }) => (
          <tr key={label} className="border-line border-t align-top">
            <th scope="row" className="py-1.5 pe-3 text-start font-normal text-muted">
              {label}
            </th>
            <td className="break-words py-1.5 pe-3">
              <bdi>{before}</bdi>
            </td>
            <td className="break-words py-1.5 font-medium">
              <bdi>{after}</bdi>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
