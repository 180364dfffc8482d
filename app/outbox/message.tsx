import { Mail, Smartphone } from 'lucide-react';
import { CopyButton } from '#components/copy-button.tsx';
import { RelativeTime } from '#components/local-time.tsx';
import type { OutboxMessage } from '#lib/notifications/providers/outbox.ts';

const LINK_PATTERN = /(https?:\/\/[^\s<>"]+)/;

/** Finds the code in an SMS, whose last line is `@host #code` (origin-bound one-time codes). */
function findCode(text: string): string | null {
  return /^@\S+ #(\d{6})$/m.exec(text)?.[1] ?? null;
}

/** Renders plain text with its URLs as links. */
function LinkedText({ text }: { text: string }) {
  // Splitting by a pattern with one group puts a link at every second index.
  return text.split(LINK_PATTERN).map((part, index) => {
    const key = `${index} ${part}`;
    if (index % 2 === 0) return <span key={key}>{part}</span>;
    return (
      <a key={key} href={part} className="break-all font-medium text-info underline underline-offset-2">
        {part}
      </a>
    );
  });
}

/** Shows a message's plain text. The recipient of an email would see its HTML instead. */
export function Message({ message, now }: { message: OutboxMessage; now: Date }) {
  const { channel, to, subject, text, sentAt } = message;
  const isEmail = channel === 'email';
  const Icon = isEmail ? Mail : Smartphone;
  const code = isEmail ? null : findCode(text);
  return (
    <article className="overflow-hidden rounded-xl border border-line bg-surface shadow-card">
      <header className="flex items-center gap-3 border-line border-b bg-canvas px-4 py-3 sm:px-5">
        <Icon aria-hidden="true" className="size-5 shrink-0 text-muted" />
        <div className="min-w-0 flex-1">
          <h2 className="break-words font-semibold">{subject ?? 'Text message'}</h2>
          <p className="break-words text-muted text-sm">
            <span>{isEmail ? 'Email to ' : 'Text to '}</span>
            <span translate="no">{to}</span> · <RelativeTime at={new Date(sentAt)} now={now} />
          </p>
        </div>
        {code && <CopyButton value={code} label="Copy code" />}
      </header>
      <p translate="no" className="whitespace-pre-wrap break-words px-4 py-4 sm:px-5">
        <LinkedText text={text} />
      </p>
    </article>
  );
}
