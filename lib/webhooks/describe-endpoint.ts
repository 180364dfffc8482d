/**
 * Describes an endpoint for the audit log. Of its URL only the origin, because the path of some receivers' URLs is a
 * secret.
 */
export const describeEndpoint = ({ id, url }: { id: string; url: string }) => ({
  webhookEndpointId: id,
  webhookEndpoint: new URL(url).origin,
});
