import Link from 'next/link';
import { capitalize } from '#components/format.ts';
import { RelativeTime } from '#components/local-time.tsx';
import { type Column, Table, TableCell, TableRow } from '#components/table.tsx';
import { formatBlockReason } from '#lib/key-delivery/format-blocked-sms.ts';
import { BLOCKED_SMS_DAYS, type BlockedSms, MAX_BLOCKED_SMS } from '#lib/notifications/sms/list-blocked.ts';
import { buildAccountHref } from '../users/api-accounts/editor/account-href.ts';

const COLUMNS: Column[] = [
  { heading: 'When', widthClass: 'w-[16%]' },
  { heading: 'API account', widthClass: 'w-[26%]' },
  { heading: 'Phone number', widthClass: 'w-[22%]' },
  { heading: 'Reason', widthClass: 'w-[36%]' },
];

function describeBlocked(count: number): string {
  if (count === 0) return 'None.';
  const advice =
    'Blocked by the settings above. Once you’ve changed them, open an account to resend its text while its link still works.';
  return count === MAX_BLOCKED_SMS ? `${advice} Showing the newest ${MAX_BLOCKED_SMS}.` : advice;
}

/** Lists the text messages that the SMS policy blocked in the last `BLOCKED_SMS_DAYS` days. */
export function BlockedSmsList({ messages, now }: { messages: BlockedSms[]; now: Date }) {
  return (
    <section aria-labelledby="blocked-texts" className="rounded-lg border border-line bg-surface shadow-card">
      <div className="px-5 pt-5 pb-3">
        <h2 id="blocked-texts" className="font-semibold text-xl tracking-tight">
          Texts blocked in the last {BLOCKED_SMS_DAYS} days
        </h2>
        <p className="mt-0.5 text-muted">{describeBlocked(messages.length)}</p>
      </div>
      {messages.length > 0 && (
        <div className="border-line border-t">
          <Table label="Blocked texts" columns={COLUMNS}>
            {messages.map((message) => (
              <BlockedRow key={message.id} message={message} now={now} />
            ))}
          </Table>
        </div>
      )}
    </section>
  );
}

function BlockedRow({ message, now }: { message: BlockedSms; now: Date }) {
  const { at, account, phoneEnd, country, blockedReason } = message;
  return (
    <TableRow>
      <TableCell label="When" className="text-muted">
        <RelativeTime at={at} now={now} />
      </TableCell>
      <TableCell label="API account">
        <Link href={buildAccountHref(account.id)} className="quiet-link">
          <bdi translate="no">{account.username}</bdi>
        </Link>
      </TableCell>
      <TableCell label="Phone number">
        <span>
          <span className="whitespace-nowrap tabular-nums">…{phoneEnd}</span>
          {country && <span className="text-muted">{`, ${country}`}</span>}
        </span>
      </TableCell>
      <TableCell label="Reason">{capitalize(formatBlockReason(blockedReason))}</TableCell>
    </TableRow>
  );
}
