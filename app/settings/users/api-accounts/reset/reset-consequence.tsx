import { LocalTime } from '#components/local-time.tsx';
import { Notice } from '#components/notice.tsx';
import type { AccountSummary, OldKeyChoice } from '#lib/api-accounts/schema.ts';
import type { OldKey } from '#lib/key-delivery/timeline/schema.ts';
import { OldKeyEndTime } from '../old-key-end.tsx';
import { describeConsequence } from './reset-labels.ts';

type ConsequenceProps = { account: AccountSummary; choice: OldKeyChoice; noChoiceReason: string | null };

/** Shows what the reset does to the account's keys, link and code. */
export function ResetConsequence({ account, choice, noChoiceReason }: ConsequenceProps) {
  const { status, hasKey, oldKey } = account;
  const isHarmless = status === 'active' && choice !== 'immediately' && !oldKey;
  return (
    <Notice tone={isHarmless ? 'info' : 'warning'} title={describeConsequence(account, choice)}>
      {status === 'inactive' && (
        <p>The account stays inactive; the new key won’t work until you reactivate it.</p>
      )}
      {status === 'expired' && <p>The account stays expired; the new key won’t work until you extend it.</p>}
      {noChoiceReason !== null && <p>{noChoiceReason}</p>}
      {oldKey && hasKey && <OldestKeyEnds oldKey={oldKey} />}
      {oldKey && !hasKey && choice !== 'immediately' && (
        <p>
          <span>It won’t work for longer than it does now: </span>
          <OldKeyEndTime endsOn={null} expiresAt={oldKey.expiresAt} />
          <span>.</span>
        </p>
      )}
    </Notice>
  );
}

/** Says that a second reset ends the oldest key. */
function OldestKeyEnds({ oldKey }: { oldKey: OldKey }) {
  return (
    <p>
      <span>
        The key before it, which still works after the last reset, stops working immediately: only two keys
        can work at a time.
      </span>
      {oldKey.lastUsedAt ? (
        <>
          <span> It was last used on </span>
          <LocalTime at={new Date(oldKey.lastUsedAt)} />
          <span>.</span>
        </>
      ) : (
        <span> It hasn’t been used since that reset.</span>
      )}
    </p>
  );
}
