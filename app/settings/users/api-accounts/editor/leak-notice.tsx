import { Button } from '#components/button.tsx';
import { LocalTime } from '#components/local-time.tsx';
import { Notice } from '#components/notice.tsx';
import type { AccountLeak } from '#lib/account-state/status.ts';
import { LEAK_SOURCE_LABELS } from '../../../leak-source-labels.ts';

type LeakNoticeProps = { leak: AccountLeak | null; onReset: () => void };

/** Shows that a key of the account leaked, and lets an administrator send a new one. */
export function LeakNotice({ leak, onReset }: LeakNoticeProps) {
  if (!leak) return null;
  const isCurrent = leak.key === 'current';
  return (
    <section aria-label="Leaked key">
      <Notice
        tone={isCurrent ? 'danger' : 'info'}
        title={
          isCurrent ? 'This API key leaked and no longer works' : 'The old API key leaked and was revoked'
        }
      >
        <LeakDetails leak={leak} />
        {isCurrent ? (
          <>
            <p className="text-sm">
              The company was told by email. It can’t use the API until you send it a new key.
            </p>
            <Button size="sm" className="mt-1 justify-self-start" onClick={onReset}>
              Reset API Key
            </Button>
          </>
        ) : (
          <p className="text-sm">The company was told by email. Its newer key isn’t affected.</p>
        )}
      </Notice>
    </section>
  );
}

function LeakDetails({ leak: { source, url, at } }: { leak: AccountLeak }) {
  return (
    <dl className="grid gap-x-4 gap-y-0.5 text-sm sm:grid-cols-[auto_minmax(0,1fr)]">
      <dt className="text-muted">Reported</dt>
      <dd className="max-sm:mb-1">
        <LocalTime at={at} />
      </dd>
      <dt className="text-muted">By</dt>
      <dd className="max-sm:mb-1">{LEAK_SOURCE_LABELS[source]}</dd>
      {url !== null && (
        <>
          <dt className="text-muted">Found at</dt>
          {/* No link: anyone who has the key could have reported an address that tricks the reader. */}
          <dd translate="no" className="wrap-anywhere min-w-0 max-sm:mb-1">
            {url}
          </dd>
        </>
      )}
    </dl>
  );
}
