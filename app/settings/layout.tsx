import type { ReactNode } from 'react';
import { ToastProvider } from '#components/toast.tsx';
import { getCurrentUser } from '#lib/identity/sessions/require-role.ts';
import { getOutboxChannels } from '#lib/platform/config/provider-settings.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { DraftOwner } from '../drafts/draft-owner.tsx';
import { canViewOutbox } from '../outbox/can-view-outbox.ts';
import { readTheme } from '../theme/read-theme.ts';
import { Sidebar } from './sidebar.tsx';
import { OutboxChannelsProvider } from './test-mode/outbox-channels.tsx';
import { TestModeBar } from './test-mode/test-mode-bar.tsx';

/** Frames the settings pages. Checks no permissions: each page and each action checks its own. */
export default async function SettingsLayout({ children }: { children: ReactNode }) {
  // If the database is unavailable, the page itself shows the error within this frame.
  const user = await getCurrentUser().catch(() => null);
  const outboxChannels = getOutboxChannels(settings());
  return (
    <ToastProvider>
      <DraftOwner userId={user?.userId ?? null}>
        <div className="lg:grid lg:min-h-dvh lg:grid-cols-[16.5rem_minmax(0,1fr)]">
          <a
            href="#content"
            className="fixed start-4 top-3 z-30 -translate-y-20 rounded-md bg-primary px-4 py-2 font-medium text-on-primary focus:translate-y-0"
          >
            Skip to main content
          </a>
          <Sidebar organisationName={settings().organisationName} user={user} theme={await readTheme()} />
          <div className="min-w-0">
            {user && <TestModeBar channels={outboxChannels} canOpenOutbox={await canViewOutbox()} />}
            <main
              id="content"
              tabIndex={-1}
              className="px-4 pt-6 pb-16 outline-none sm:px-8 lg:px-12 lg:pt-10"
            >
              <OutboxChannelsProvider channels={outboxChannels}>
                <div className="mx-auto max-w-6xl">{children}</div>
              </OutboxChannelsProvider>
            </main>
          </div>
        </div>
      </DraftOwner>
    </ToastProvider>
  );
}
