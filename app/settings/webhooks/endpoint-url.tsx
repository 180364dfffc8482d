type EndpointUrlProps = { url: string; canEdit: boolean; id?: string };

/**
 * Shows an endpoint's URL. Viewers see only its origin, because the path of some receivers' URLs is a secret: with it,
 * anyone can send to them.
 */
export function EndpointUrl({ url, canEdit, id }: EndpointUrlProps) {
  return (
    <bdi translate="no" id={id} className="wrap-anywhere">
      {canEdit ? url : `${new URL(url).origin}/…`}
    </bdi>
  );
}
