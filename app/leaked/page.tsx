import type { Metadata } from 'next';
import { KEY_LENGTH } from '#lib/api-keys/api-key.ts';
import { leakedPage } from '#lib/notifications/message-catalogue/en-leaked.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { LeakedScreen } from './leaked-screen.tsx';

export const metadata: Metadata = { title: leakedPage.title, referrer: 'no-referrer' };

/** Lets anyone report a leaked key. */
export default function LeakedPage() {
  const { organisationName, apiKeyTag } = settings();
  return <LeakedScreen organisation={organisationName} keyForm={{ tag: apiKeyTag, length: KEY_LENGTH }} />;
}
