import Link from 'next/link';
import { RelativeTime } from '#components/local-time.tsx';
import { Skeleton } from '#components/skeleton.tsx';
import { SkeletonTableRows } from '#components/skeleton-table.tsx';
import { type Column, Table, TableCell, TableRow } from '#components/table.tsx';
import type { WebhookEndpointDetails } from '#lib/webhooks/schema.ts';
import { EndpointStatusBadge } from './endpoint-status.tsx';
import { EndpointUrl } from './endpoint-url.tsx';
import { countEvents } from './event-labels.ts';
import { buildEndpointHref } from './webhook-paths.ts';

const CARD_CLASS = 'rounded-lg border border-line bg-surface shadow-card';

const COLUMNS: Column[] = [
  { heading: 'Endpoint', widthClass: 'w-[42%]' },
  { heading: 'Events', widthClass: 'w-[18%]' },
  { heading: 'Status', widthClass: 'w-[20%]' },
  { heading: 'Last delivery', widthClass: 'w-[20%]' },
];

/** Stands in for the list of endpoints. */
export function EndpointsSkeleton() {
  const labels = COLUMNS.map(({ heading }, index) => (index === 0 ? undefined : heading));
  return (
    <Skeleton className={CARD_CLASS}>
      <Table label="Webhook endpoints" columns={COLUMNS}>
        <SkeletonTableRows rows={3} labels={labels} />
      </Table>
    </Skeleton>
  );
}

type EndpointsTableProps = { endpoints: WebhookEndpointDetails[]; now: Date; canEdit: boolean };

/** Lists the endpoints, with links to their pages. */
export function EndpointsTable({ endpoints, now, canEdit }: EndpointsTableProps) {
  return (
    <section aria-label="Webhook endpoints" className={CARD_CLASS}>
      <Table label="Webhook endpoints" columns={COLUMNS}>
        {endpoints.map((endpoint) => (
          <EndpointRow key={endpoint.id} endpoint={endpoint} now={now} canEdit={canEdit} />
        ))}
      </Table>
    </section>
  );
}

type EndpointRowProps = Omit<EndpointsTableProps, 'endpoints'> & { endpoint: WebhookEndpointDetails };

function EndpointRow({ endpoint, now, canEdit }: EndpointRowProps) {
  const { id, url, description, eventTypes, disabledAt, failingSince, lastDeliveryAt } = endpoint;
  const since = disabledAt ?? failingSince;
  return (
    <TableRow>
      <TableCell>
        <Link
          href={buildEndpointHref(id)}
          prefetch={false}
          className="rounded-sm font-semibold underline underline-offset-4"
        >
          <EndpointUrl url={url} canEdit={canEdit} />
        </Link>
        {description && (
          <p className="mt-0.5 text-muted text-sm">
            <bdi>{description}</bdi>
          </p>
        )}
      </TableCell>
      <TableCell label="Events" className="text-muted">
        {countEvents(eventTypes)}
      </TableCell>
      <TableCell label="Status">
        <div className="grid min-w-0 gap-1">
          <EndpointStatusBadge {...endpoint} />
          {since && (
            <p className="text-muted text-sm">
              <RelativeTime at={since} now={now} />
            </p>
          )}
        </div>
      </TableCell>
      <TableCell label="Last delivery" className="text-muted">
        {lastDeliveryAt ? <RelativeTime at={lastDeliveryAt} now={now} /> : 'None in 30 days'}
      </TableCell>
    </TableRow>
  );
}

/** Explains what webhooks are for, until there is an endpoint. */
export function NoEndpoints({ canEdit }: { canEdit: boolean }) {
  return (
    <div className={`${CARD_CLASS} px-5 py-12 text-center`}>
      <h2 className="font-semibold text-xl tracking-tight">You have no webhook endpoints</h2>
      <p className="mx-auto mt-1 max-w-md text-balance text-muted">
        {canEdit
          ? 'Create one for each system that needs to know, such as your customer database or a log of security events.'
          : 'No system is told when something happens.'}
      </p>
    </div>
  );
}
