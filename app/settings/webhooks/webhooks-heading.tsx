import type { ReactNode } from 'react';
import { SettingsHeading } from '../settings-heading.tsx';
import { WEBHOOKS_PATH } from '../settings-pages.ts';
import { buildEndpointHref } from './webhook-paths.ts';

const LIST = { title: 'Webhooks', href: WEBHOOKS_PATH };

export const ENDPOINT_TITLE = 'Webhook endpoint';
export const DELIVERY_TITLE = 'Webhook delivery';

/** Renders the heading of the list of endpoints. */
export function WebhooksHeading({ action, children }: { action?: ReactNode; children?: ReactNode }) {
  return (
    <SettingsHeading title={LIST.title} action={action}>
      {children}
    </SettingsHeading>
  );
}

/** Renders the heading of an endpoint's page. */
export const EndpointHeading = () => <SettingsHeading title={ENDPOINT_TITLE} ancestors={[LIST]} />;

/** Renders the heading of a delivery's page. */
export function DeliveryHeading({ endpointId, action }: { endpointId: string; action?: ReactNode }) {
  const endpoint = { title: ENDPOINT_TITLE, href: buildEndpointHref(endpointId) };
  return <SettingsHeading title={DELIVERY_TITLE} ancestors={[LIST, endpoint]} action={action} />;
}
