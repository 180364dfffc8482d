import { headers } from 'next/headers';
import { requireViewer } from '#lib/identity/sessions/require-role.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { hasOutbox, isOutboxOpen } from '#lib/platform/http/outbox-access.ts';
import { isLoopbackHost } from '#lib/platform/http/web-url.ts';

/**
 * Returns whether this request may see the outbox, which contains links and codes. The `Host` header must name this
 * machine or the public URL, because an attacker can point another domain at this machine (DNS rebinding).
 */
export async function canViewOutbox(): Promise<boolean> {
  const currentSettings = settings();
  if (!hasOutbox(currentSettings)) return false;
  const requestHeaders = await headers();
  const host = URL.parse(`http://${requestHeaders.get('host')}`)?.hostname ?? '';
  if (!isLoopbackHost(host) && host !== new URL(currentSettings.publicUrl).hostname) return false;
  // Whether no proxy forwarded the request. `lib/platform/http/web-server.ts` sets this before Next.js adds forwarding
  // headers to every request.
  if (isOutboxOpen(currentSettings, requestHeaders.get('x-stagedoor-direct') === '1')) return true;
  const access = await requireViewer();
  return access.ok && access.administrator !== null;
}
