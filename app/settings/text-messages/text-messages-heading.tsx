import type { ReactNode } from 'react';
import { SettingsHeading } from '../settings-heading.tsx';

/** Renders the heading of the page for text messages. */
export function TextMessagesHeading({ children }: { children?: ReactNode }) {
  return <SettingsHeading title="Text messages">{children}</SettingsHeading>;
}
