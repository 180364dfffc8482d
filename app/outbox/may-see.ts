import { headers } from 'next/headers';
import { requireViewer } from '#lib/auth/require-role.ts';
import { settings } from '#lib/settings.ts';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Whether this request may see the outbox, with its links and codes: only in embedded mode, only where both go
 * there; asked for under this site's own name (a foreign site that points its name at this machine is not); and,
 * where others than this machine can reach the program, only for a Settings Administrator.
 */
export async function maySeeOutbox(): Promise<boolean> {
  const { embedded, email, sms, host, publicUrl } = settings();
  if (!embedded || (email.provider !== 'outbox' && sms.provider !== 'outbox')) return false;
  const asked = URL.parse(`http://${(await headers()).get('host')}`)?.hostname ?? '';
  if (!LOOPBACK.has(asked) && asked !== new URL(publicUrl).hostname) return false;
  if (LOOPBACK.has(host) || host === '::1') return true;
  const allowed = await requireViewer();
  return allowed.ok && allowed.administrator !== null;
}
