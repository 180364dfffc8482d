import type { ReactNode } from 'react';

/**
 * Shows the list of API accounts or one account. `sheet`: an account that was opened from the list, over the list. The
 * same URL shows the account alone if it is loaded directly.
 */
export default function ApiAccountsLayout({ children, sheet }: { children: ReactNode; sheet: ReactNode }) {
  return (
    <>
      {children}
      {sheet}
    </>
  );
}
