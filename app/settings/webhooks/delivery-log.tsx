import Link from 'next/link';
import { LocalTime, RelativeTime } from '#components/local-time.tsx';
import { Pager } from '#components/pager.tsx';
import { type Column, Table, TableCell, TableRow } from '#components/table.tsx';
import type { WebhookDeliveryDetails } from '#lib/webhooks/schema.ts';
import { DeliveryStatusBadge, isAboutToBeSent } from './delivery-status.tsx';
import { getEventLabel } from './event-labels.ts';
import { RefreshWhilePending } from './refresh-while-pending.tsx';
import { buildDeliveryHref, buildEndpointHref } from './webhook-paths.ts';

const COLUMNS: Column[] = [
  { heading: 'Event', widthClass: 'w-[36%]' },
  { heading: 'Status', widthClass: 'w-[24%]' },
  { heading: 'Attempts', widthClass: 'w-[14%]' },
  { heading: 'Time', widthClass: 'w-[26%]' },
];

type DeliveryLogProps = {
  endpointId: string;
  deliveries: WebhookDeliveryDetails[];
  /** The cursor of this page; undefined for the newest deliveries. */
  cursor: string | undefined;
  nextCursor: string | null;
  /** Whether the user may see what was sent. */
  canEdit: boolean;
  now: Date;
};

/** Lists a page of an endpoint's deliveries, newest first. */
export function DeliveryLog(props: DeliveryLogProps) {
  const { endpointId, deliveries, cursor, nextCursor, canEdit, now } = props;
  const pending = deliveries.filter((delivery) => isAboutToBeSent(delivery, now));
  return (
    <section id="deliveries" aria-labelledby="deliveries-heading" className="scroll-mt-4">
      <div className="rounded-lg border border-line bg-surface shadow-card">
        <div className="border-line border-b px-5 pt-5 pb-3">
          <h2 id="deliveries-heading" className="font-semibold text-xl tracking-tight">
            Deliveries
          </h2>
          <p className="mt-0.5 text-muted">
            From the last 30 days. A failed attempt is repeated for about a day.
          </p>
        </div>
        {deliveries.length === 0 ? (
          <p className="px-5 py-10 text-center text-muted">
            {cursor ? 'There are no older deliveries.' : 'Nothing was sent yet.'}
          </p>
        ) : (
          <Table label="Deliveries" columns={COLUMNS}>
            {deliveries.map((delivery) => (
              <DeliveryRow key={delivery.id} delivery={delivery} canEdit={canEdit} now={now} />
            ))}
          </Table>
        )}
      </div>
      <Pager
        previous={{ label: 'Newest', href: cursor ? buildEndpointHref(endpointId) : null }}
        next={{ label: 'Older', href: nextCursor && buildEndpointHref(endpointId, nextCursor) }}
        className="mt-4 justify-end"
      />
      <RefreshWhilePending pendingIds={pending.map(({ id, attempts }) => `${id} ${attempts}`)} />
    </section>
  );
}

type DeliveryRowProps = { delivery: WebhookDeliveryDetails } & Pick<DeliveryLogProps, 'canEdit' | 'now'>;

function DeliveryRow({ delivery, canEdit, now }: DeliveryRowProps) {
  const { id, endpointId, type, attempts, createdAt, nextAttemptAt } = delivery;
  const label = getEventLabel(type);
  return (
    <TableRow>
      <TableCell>
        {canEdit ? (
          <Link
            href={buildDeliveryHref(endpointId, id)}
            prefetch={false}
            className="rounded-sm font-semibold underline underline-offset-4"
          >
            {label}
          </Link>
        ) : (
          <span className="font-semibold">{label}</span>
        )}
        <p className="text-muted text-sm">
          <code translate="no">{type}</code>
        </p>
      </TableCell>
      <TableCell label="Status">
        <div className="grid min-w-0 gap-1">
          <DeliveryStatusBadge {...delivery} />
          {nextAttemptAt && !isAboutToBeSent(delivery, now) && (
            <p className="text-muted text-sm">
              <span>Next attempt </span>
              <LocalTime at={nextAttemptAt} format="time and day" />
            </p>
          )}
        </div>
      </TableCell>
      <TableCell label="Attempts" className="tabular-nums">
        {String(attempts)}
      </TableCell>
      <TableCell label="Time" className="text-muted">
        <RelativeTime at={createdAt} now={now} />
      </TableCell>
    </TableRow>
  );
}
