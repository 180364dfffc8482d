import type { ReactNode } from 'react';
import { SkeletonBox } from '#components/skeleton.tsx';
import { SkeletonIfSlow } from '#components/skeleton-if-slow.tsx';
import { requireViewer } from '#lib/identity/sessions/require-role.ts';
import { ROLE_LABELS, type Viewer } from '#lib/platform/authorization/roles.ts';
import { database } from '#lib/platform/database.ts';
import { listWebhookEndpoints } from '#lib/webhooks/list.ts';
import { NoAccess } from '../no-access.tsx';
import { redirectUnauthorized } from '../redirect-unauthorized.ts';
import { WEBHOOKS_PATH } from '../settings-pages.ts';
import { EndpointsSkeleton, EndpointsTable, NoEndpoints } from './endpoints-table.tsx';
import { NewEndpointButton, NewEndpointProvider } from './new-endpoint-button.tsx';
import { WebhooksHeading } from './webhooks-heading.tsx';

export const metadata = { title: 'Webhooks' };

export default async function WebhooksPage() {
  const access = await requireViewer();
  if (!access.ok) {
    redirectUnauthorized(access, WEBHOOKS_PATH);
    return <NoAccess heading={<WebhooksHeading />}>{access.message}</NoAccess>;
  }
  const canEdit = access.administrator !== null;
  return (
    <SkeletonIfSlow
      content={renderEndpoints(access.viewer, canEdit)}
      skeleton={
        <>
          <Heading canEdit={canEdit} action={canEdit && <SkeletonBox />} />
          <EndpointsSkeleton />
        </>
      }
    />
  );
}

function Heading({ canEdit, action }: { canEdit: boolean; action: ReactNode }) {
  return (
    <WebhooksHeading action={action}>
      {canEdit
        ? 'Tell your own systems when something happens: Stagedoor sends an HTTP request, which they can verify.'
        : `These systems are told when something happens. You can view them. A ${ROLE_LABELS.settings_administrator} can change them.`}
    </WebhooksHeading>
  );
}

async function renderEndpoints(viewer: Viewer, canEdit: boolean) {
  const endpoints = await listWebhookEndpoints(database(), viewer);
  return (
    <NewEndpointProvider>
      <Heading canEdit={canEdit} action={canEdit && <NewEndpointButton />} />
      {endpoints.length === 0 ? (
        <NoEndpoints canEdit={canEdit} />
      ) : (
        <EndpointsTable endpoints={endpoints} now={new Date()} canEdit={canEdit} />
      )}
    </NewEndpointProvider>
  );
}
