import { headers } from 'next/headers';
import { requireViewer } from '#lib/identity/sessions/require-role.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { hasOutbox, isOutboxOpen } from '#lib/platform/http/outbox-access.ts';
import { isLoopbackHost } from '#lib/platform/http/web-url.ts';

/**
 * Checks whether this request may see the outbox, which holds links and codes. The host must be this site's own name,
 * because an attacker can point another domain at this machine (DNS rebinding).
 */
export async function canViewOutbox(): Promise<boolean> {
  const current = settings();
  if (!hasOutbox(current)) return false;
  const received = await headers();
  const host = URL.parse(`http://${received.get('host')}`)?.hostname ?? '';
  if (!isLoopbackHost(host) && host !== new URL(current.publicUrl).hostname) return false;
  // Set by `lib/platform/http/web-server.ts`, because Next.js adds its own forwarding headers before this runs.
  if (isOutboxOpen(current, received.get('x-stagedoor-direct') === '1')) return true;
  const access = await requireViewer();
  return access.ok && access.administrator !== null;
}
