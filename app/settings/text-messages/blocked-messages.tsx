import Link from 'next/link';
import { RelativeTime } from '#components/local-time.tsx';
import { type Column, Table, TableCell, TableRow } from '#components/table.tsx';
import { BLOCKED_DAYS, type BlockedSms, MAX_BLOCKED } from '#lib/notifications/sms/list-blocked.ts';
import { listHref } from '../users/api-accounts/list/list-query.ts';

const COLUMNS: Column[] = [
  { heading: 'When', width: 'w-[16%]' },
  { heading: 'API account', width: 'w-[26%]' },
  { heading: 'Phone number', width: 'w-[22%]' },
  { heading: 'Why', width: 'w-[36%]' },
];

function describeBlocked(count: number): string {
  if (count === 0) return 'No text was refused.';
  const what =
    'Texts that these rules kept back. Once one may go out, open the account: while its link is good, the text is sent again from its hand-over.';
  return count === MAX_BLOCKED ? `${what} The newest ${MAX_BLOCKED} are shown.` : what;
}

/** Lists the text messages that the SMS policy blocked in the last days. */
export function BlockedMessages({ messages, now }: { messages: BlockedSms[]; now: Date }) {
  return (
    <section aria-labelledby="refused-texts" className="rounded-lg border border-line bg-surface shadow-card">
      <div className="px-5 pt-5 pb-3">
        <h2 id="refused-texts" className="font-semibold text-xl tracking-tight">
          Refused in the last {BLOCKED_DAYS} days
        </h2>
        <p className="mt-0.5 text-muted">{describeBlocked(messages.length)}</p>
      </div>
      {messages.length > 0 && (
        <div className="border-line border-t">
          <Table label="Refused texts" columns={COLUMNS}>
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
  const { at, account, phoneEnd, country, failure } = message;
  return (
    <TableRow>
      <TableCell label="When" className="text-muted">
        <RelativeTime at={at} now={now} />
      </TableCell>
      <TableCell label="API account">
        <Link
          href={listHref({ search: account.username, edit: account.id })}
          className="rounded-sm font-medium underline decoration-edge/70 underline-offset-4 hover:decoration-2 hover:decoration-accent"
        >
          <bdi translate="no">{account.username}</bdi>
        </Link>
      </TableCell>
      <TableCell label="Phone number">
        <span>
          <span className="whitespace-nowrap tabular-nums">…{phoneEnd}</span>
          {country && <span className="text-muted">{`, ${country}`}</span>}
        </span>
      </TableCell>
      <TableCell label="Why">{failure}</TableCell>
    </TableRow>
  );
}
