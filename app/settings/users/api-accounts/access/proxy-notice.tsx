import { Notice } from '#components/notice.tsx';
import type { NetworkUse } from '#lib/api-accounts/networks/schema.ts';

/** Warns if the verifier seems to compare networks with the IP address of the gateway instead of the client's. */
export function ProxyNotice({ use: { proxyProblem, allowed } }: { use: NetworkUse }) {
  const [latest] = allowed;
  if (proxyProblem === 'no_trusted_proxies')
    return (
      <Notice tone="warning" title="The verifier doesn’t know clients behind a gateway">
        <p>
          <code>VERIFIER_TRUSTED_PROXIES</code>
          <span>
            {' '}
            is 0, so it compares the list with the address of your gateway. If you use one, set it first.
          </span>
        </p>
      </Notice>
    );
  if (proxyProblem !== 'private_addresses' || !latest) return null;
  return (
    <Notice tone="warning" title="The verifier may see your gateway instead of clients">
      <p>
        <span>All recent requests came from private addresses, such as </span>
        <bdi translate="no" className="font-medium">
          {latest.ipAddress}
        </bdi>
        <span>. Check </span>
        <code>VERIFIER_TRUSTED_PROXIES</code>
        <span>, and that your gateway sends the client’s address.</span>
      </p>
    </Notice>
  );
}
