import Link from 'next/link';
import { Notice } from '#components/notice.tsx';
import { SkeletonIfSlow } from '#components/skeleton-if-slow.tsx';
import { requireViewer } from '#lib/identity/sessions/require-role.ts';
import { type Administrator, ROLE_LABELS } from '#lib/platform/authorization/roles.ts';
import { database } from '#lib/platform/database.ts';
import { readWebhookDelivery } from '#lib/webhooks/deliveries.ts';
import { redeliverSchema } from '#lib/webhooks/schema.ts';
import { NoAccess } from '../../../../no-access.tsx';
import { redirectUnauthorized } from '../../../../redirect-unauthorized.ts';
import { DeliveryView } from '../../../delivery-view.tsx';
import { EndpointSkeleton } from '../../../endpoint-skeleton.tsx';
import { buildDeliveryHref, buildEndpointHref } from '../../../webhook-paths.ts';
import { DELIVERY_TITLE, DeliveryHeading } from '../../../webhooks-heading.tsx';

export const metadata = { title: DELIVERY_TITLE };

export default async function DeliveryPage({
  params,
}: {
  params: Promise<{ id: string; deliveryId: string }>;
}) {
  const { id: endpointId, deliveryId } = await params;
  const access = await requireViewer();
  if (!access.ok) redirectUnauthorized(access, buildDeliveryHref(endpointId, deliveryId));
  if (!access.ok || !access.administrator) {
    return (
      <NoAccess heading={<DeliveryHeading endpointId={endpointId} />}>
        {`What was sent can contain entries of the audit log, so only a ${ROLE_LABELS.settings_administrator} can view it. Ask one to give you that role.`}
      </NoAccess>
    );
  }
  return (
    <>
      <DeliveryHeading endpointId={endpointId} />
      <SkeletonIfSlow
        content={renderDelivery(access.administrator, endpointId, deliveryId)}
        skeleton={<EndpointSkeleton />}
      />
    </>
  );
}

async function renderDelivery(administrator: Administrator, endpointId: string, deliveryId: string) {
  const parsed = redeliverSchema.safeParse({ id: deliveryId });
  const result = parsed.success ? await readWebhookDelivery(database(), administrator, parsed.data.id) : null;
  if (!result?.ok || result.delivery.endpointId !== endpointId)
    return <MissingDelivery endpointId={endpointId} />;
  return <DeliveryView delivery={result.delivery} attempts={result.attempts} now={new Date()} />;
}

function MissingDelivery({ endpointId }: { endpointId: string }) {
  return (
    <Notice tone="warning" title="This delivery doesn’t exist" className="max-w-2xl">
      <p>Deliveries are kept for 30 days.</p>
      <p>
        <Link href={buildEndpointHref(endpointId)} className="font-medium underline underline-offset-2">
          Show the endpoint’s deliveries
        </Link>
      </p>
    </Notice>
  );
}
