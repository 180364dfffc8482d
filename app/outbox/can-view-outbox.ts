import { headers } from 'next/headers';
import { requireViewer } from '#lib/identity/sessions/require-role.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { hasOutbox, isOutboxOpen } from '#lib/platform/http/outbox-access.ts';
import { isLoopbackHost } from '#lib/platform/http/web-url.ts';

/**
 * Decides whether this request may see the outbox, with its links and codes. It has to ask for this site's own name: a
 * foreign site can point its name at this machine.
 */
export async function canViewOutbox(): Promise<boolean> {
  const own = settings();
  if (!hasOutbox(own)) return false;
  const received = await headers();
  const asked = URL.parse(`http://${received.get('host')}`)?.hostname ?? '';
  if (!isLoopbackHost(asked) && asked !== new URL(own.publicUrl).hostname) return false;
  // `lib/platform/http/web-server.ts` sets it: by here, Next.js has added forwarding headers of its own.
  if (isOutboxOpen(own, received.get('x-stagedoor-direct') === '1')) return true;
  const allowed = await requireViewer();
  return allowed.ok && allowed.administrator !== null;
}
