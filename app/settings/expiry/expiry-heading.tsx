import type { ReactNode } from 'react';
import { EXPIRY_PAGE } from '#lib/api-accounts/expiry/labels.ts';
import { SettingsHeading } from '../settings-heading.tsx';

/** Renders the heading of the page for the expiry policy. */
export function ExpiryHeading({ children }: { children?: ReactNode }) {
  return <SettingsHeading title={EXPIRY_PAGE}>{children}</SettingsHeading>;
}
