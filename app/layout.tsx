import type { Metadata, Viewport } from 'next';
import type { ReactNode } from 'react';
import { TimeTooltip } from '#components/time-tooltip.tsx';
import { readTheme } from './theme/read-theme.ts';
import { toThemeAttribute } from './theme/theme.ts';
import './globals.css';

export const metadata: Metadata = {
  title: { default: 'Stagedoor', template: '%s · Stagedoor' },
  description: 'Hand out, reset and revoke access to your organisation’s API.',
  robots: { index: false, follow: false },
};

const THEME_COLORS = { light: '#1b1a2b', dark: '#0d0d15' };

export async function generateViewport(): Promise<Viewport> {
  const theme = await readTheme();
  if (theme !== 'system') return { colorScheme: theme, themeColor: THEME_COLORS[theme] };
  return {
    colorScheme: 'light dark',
    themeColor: [
      { media: '(prefers-color-scheme: light)', color: THEME_COLORS.light },
      { media: '(prefers-color-scheme: dark)', color: THEME_COLORS.dark },
    ],
  };
}

// Each response has its own nonce in its Content-Security-Policy, so no page can be prerendered.
export const dynamic = 'force-dynamic';

export default async function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en-GB" data-theme={toThemeAttribute(await readTheme())}>
      <body>
        {children}
        <TimeTooltip />
      </body>
    </html>
  );
}
