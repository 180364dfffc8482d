import type { Metadata, Viewport } from 'next';
import type { ReactNode } from 'react';
import { TimeTooltip } from '#components/time-tooltip.tsx';
import { ToastProvider } from '#components/toast.tsx';
import './globals.css';

export const metadata: Metadata = {
  title: { default: 'Stagedoor', template: '%s · Stagedoor' },
  description: 'Hand out, reset and revoke access to your organisation’s API.',
  robots: { index: false, follow: false },
};

export const viewport: Viewport = {
  colorScheme: 'light dark',
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#1b1a2b' },
    { media: '(prefers-color-scheme: dark)', color: '#0d0d15' },
  ],
};

// Each response has its own nonce in its Content-Security-Policy, so no page can be prerendered.
export const dynamic = 'force-dynamic';

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en-GB">
      <body>
        <ToastProvider>{children}</ToastProvider>
        <TimeTooltip />
      </body>
    </html>
  );
}
