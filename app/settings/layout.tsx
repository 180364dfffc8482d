import type { ReactNode } from 'react';
import { getCurrentUser } from '#lib/identity/sessions/require-role.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { DraftOwner } from '../drafts/draft-owner.tsx';
import { readTheme } from '../theme/read-theme.ts';
import { Sidebar } from './sidebar.tsx';

/** Frames the settings pages. Checks no permissions: each page and each action checks its own. */
export default async function SettingsLayout({ children }: { children: ReactNode }) {
  // If the database is unavailable, the page itself shows the error within this frame.
  const user = await getCurrentUser().catch(() => null);
  return (
    <DraftOwner userId={user?.userId ?? null}>
      <div className="lg:grid lg:min-h-dvh lg:grid-cols-[16.5rem_minmax(0,1fr)]">
        <a
          href="#content"
          className="fixed start-4 top-3 z-30 -translate-y-20 rounded-md bg-primary px-4 py-2 font-medium text-on-primary focus:translate-y-0"
        >
          Skip to main content
        </a>
        <Sidebar organisationName={settings().organisationName} user={user} theme={await readTheme()} />
        <main
          id="content"
          tabIndex={-1}
          className="min-w-0 px-4 pt-6 pb-16 outline-none sm:px-8 lg:px-12 lg:pt-10"
        >
          <div className="mx-auto max-w-6xl">{children}</div>
        </main>
      </div>
    </DraftOwner>
  );
}
