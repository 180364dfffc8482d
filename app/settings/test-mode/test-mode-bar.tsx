import { FlaskConical } from 'lucide-react';
import type { OutboxChannels } from '#lib/platform/config/provider-settings.ts';

/** Names the messages that go to the outbox, for the middle of a sentence. */
function nameMessages({ email, sms }: OutboxChannels): string {
  if (email && sms) return 'emails and texts';
  return email ? 'emails' : 'texts';
}

type TestModeBarProps = {
  channels: OutboxChannels;
  /** Whether the user may open the outbox, which contains links and codes. */
  canOpenOutbox: boolean;
};

/** Says which messages are not sent to people. Renders nothing if all of them are. */
export function TestModeBar({ channels, canOpenOutbox }: TestModeBarProps) {
  if (!channels.email && !channels.sms) return null;
  return (
    <aside
      aria-label="Test mode"
      className="flex items-center gap-2 border-warning-line border-b bg-warning-soft px-4 py-1.5 text-sm sm:px-8 lg:px-12"
    >
      <FlaskConical aria-hidden="true" className="size-4 shrink-0 text-warning" />
      <p className="min-w-0">
        <span>{`Test mode: ${nameMessages(channels)} are not sent. `}</span>
        {canOpenOutbox && (
          <a href="/outbox" className="whitespace-nowrap font-medium underline underline-offset-2">
            Open outbox
          </a>
        )}
      </p>
    </aside>
  );
}
