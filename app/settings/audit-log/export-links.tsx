import { Download } from 'lucide-react';
import { buttonClass } from '#components/button-class.ts';
import type { AuditFilter } from '#lib/audit/schema.ts';
import { AUDIT_LOG_PATH, buildAuditHref } from './audit-query.ts';

const FORMATS = [
  { format: 'csv', label: 'Export CSV' },
  { format: 'jsonl', label: 'Export JSON Lines' },
];

/** Renders links that export all pages of the filtered log. Avoids `Link`: its prefetching would record an export. */
export function ExportLinks({ filter }: { filter: AuditFilter }) {
  return (
    <div className="flex flex-wrap gap-2">
      {FORMATS.map(({ format, label }) => (
        <a
          key={format}
          href={buildAuditHref(filter, { format }, `${AUDIT_LOG_PATH}/export`)}
          download
          className={buttonClass('secondary')}
        >
          <Download aria-hidden="true" />
          <span>{label}</span>
        </a>
      ))}
    </div>
  );
}
