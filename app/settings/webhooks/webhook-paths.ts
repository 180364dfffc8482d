import { WEBHOOKS_PATH } from '../settings-pages.ts';

/** Returns the URL of an endpoint's page. `cursor`: of a page of its delivery log; undefined for the newest deliveries. */
export const buildEndpointHref = (id: string, cursor?: string) =>
  `${WEBHOOKS_PATH}/${encodeURIComponent(id)}${cursor === undefined ? '' : `?after=${encodeURIComponent(cursor)}#deliveries`}`;

/** Returns the URL of the page that shows what was sent and received. */
export const buildDeliveryHref = (endpointId: string, id: string) =>
  `${buildEndpointHref(endpointId)}/deliveries/${encodeURIComponent(id)}`;
