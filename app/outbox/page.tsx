import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { BrandMark } from '#components/brand-mark.tsx';
import { buttonClass } from '#components/button-class.ts';
import { Notice } from '#components/notice.tsx';
import { getOutboxFolder, readOutbox } from '#lib/notifications/providers/outbox.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { canViewOutbox } from './can-view-outbox.ts';
import { Message } from './message.tsx';
import { RefreshButton } from './refresh-button.tsx';

export const metadata: Metadata = { title: 'Outbox', referrer: 'no-referrer' };

const MAX_MESSAGES = 100;

export default async function OutboxPage() {
  if (!(await canViewOutbox())) notFound();
  const messages = await readOutbox(getOutboxFolder(settings().dataFolder), MAX_MESSAGES);
  const now = new Date();
  return (
    <div className="accent-glow min-h-dvh px-4 pt-8 pb-16 sm:pt-12">
      <main className="mx-auto grid max-w-2xl gap-5">
        <header className="flex flex-wrap items-center gap-4">
          <BrandMark className="size-10" />
          <div className="min-w-0 flex-1">
            <h1 className="font-semibold text-2xl tracking-tight">Outbox</h1>
            <p className="text-muted">Test messages, newest first.</p>
          </div>
          <RefreshButton />
        </header>
        <Notice tone="info">
          <p>
            These messages weren’t sent to anyone. To send real messages, connect an email provider and a text
            message provider. This page then disappears.
          </p>
        </Notice>
        {messages.length === 0 ? (
          <EmptyOutbox />
        ) : (
          <ol className="grid gap-4">
            {messages.map((message) => (
              <li key={message.id}>
                <Message message={message} now={now} />
              </li>
            ))}
          </ol>
        )}
      </main>
    </div>
  );
}

/** Explains how to create the first test message. */
function EmptyOutbox() {
  return (
    <div className="rounded-xl border border-line border-dashed bg-surface px-6 py-12 text-center">
      <h2 className="font-semibold text-lg">Nothing here yet</h2>
      <p className="mx-auto mt-1 mb-5 max-w-sm text-balance text-muted">
        Create an API account. The email with the link and the text message with the code will appear here.
      </p>
      <a href="/settings/users/api-accounts" className={buttonClass('primary')}>
        Go to API Accounts
      </a>
    </div>
  );
}
