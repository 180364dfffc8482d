import Link from 'next/link';
import { Notice } from '#components/notice.tsx';
import { SkeletonIfSlow } from '#components/skeleton-if-slow.tsx';
import { requireViewer } from '#lib/identity/sessions/require-role.ts';
import type { Viewer } from '#lib/platform/authorization/roles.ts';
import { database } from '#lib/platform/database.ts';
import { listWebhookDeliveries, webhookDeliveryCursorSchema } from '#lib/webhooks/deliveries.ts';
import { readWebhookEndpoint } from '#lib/webhooks/list.ts';
import { testWebhookEndpointSchema } from '#lib/webhooks/schema.ts';
import { NoAccess } from '../../no-access.tsx';
import { redirectUnauthorized } from '../../redirect-unauthorized.ts';
import { WEBHOOKS_PATH } from '../../settings-pages.ts';
import { DeliveryLog } from '../delivery-log.tsx';
import { EndpointSkeleton } from '../endpoint-skeleton.tsx';
import { EndpointView } from '../endpoint-view.tsx';
import { buildEndpointHref } from '../webhook-paths.ts';
import { ENDPOINT_TITLE, EndpointHeading } from '../webhooks-heading.tsx';

export const metadata = { title: ENDPOINT_TITLE };

const PAGE_SIZE = 25;

type PageProps = {
  params: Promise<{ id: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
};

export default async function EndpointPage({ params, searchParams }: PageProps) {
  const [{ id }, { after }] = await Promise.all([params, searchParams]);
  const access = await requireViewer();
  if (!access.ok) {
    redirectUnauthorized(access, buildEndpointHref(id));
    return <NoAccess heading={<EndpointHeading />}>{access.message}</NoAccess>;
  }
  // A malformed cursor is ignored.
  const cursor = webhookDeliveryCursorSchema.safeParse(after).data;
  return (
    <>
      <EndpointHeading />
      <SkeletonIfSlow
        content={renderEndpoint(access.viewer, access.administrator !== null, id, cursor)}
        skeleton={<EndpointSkeleton />}
      />
    </>
  );
}

async function renderEndpoint(viewer: Viewer, canEdit: boolean, id: string, cursor: string | undefined) {
  const parsed = testWebhookEndpointSchema.safeParse({ id });
  const endpoint = parsed.success ? await readWebhookEndpoint(database(), viewer, parsed.data.id) : null;
  if (!endpoint) return <MissingEndpoint />;
  const query = { endpointId: endpoint.id, limit: PAGE_SIZE, cursor };
  const { data, nextCursor } = await listWebhookDeliveries(database(), viewer, query);
  const now = new Date();
  return (
    <div className="grid gap-6">
      <EndpointView endpoint={endpoint} canEdit={canEdit} now={now} />
      <DeliveryLog
        endpointId={endpoint.id}
        deliveries={data}
        cursor={cursor}
        nextCursor={nextCursor}
        canEdit={canEdit}
        now={now}
      />
    </div>
  );
}

function MissingEndpoint() {
  return (
    <Notice tone="warning" title="This webhook endpoint doesn’t exist" className="max-w-2xl">
      <p>
        <Link href={WEBHOOKS_PATH} className="font-medium underline underline-offset-2">
          Show all endpoints
        </Link>
      </p>
    </Notice>
  );
}
