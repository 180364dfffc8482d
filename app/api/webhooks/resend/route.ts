import { receiveWebhook } from '#lib/notifications/delivery/receive-webhook.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { publicDatabase } from '#lib/platform/database.ts';
import { logWebError } from '#lib/platform/http/log-web-error.ts';

export const dynamic = 'force-dynamic';

/** Receives delivery reports from Resend. Their signature authenticates them (docs/reference/messages.md). */
export async function POST(request: Request): Promise<Response> {
  try {
    const status = await receiveWebhook(publicDatabase(), settings().resendWebhookSecret, request);
    return new Response(null, { status });
  } catch (error) {
    logWebError('webhook.error', error);
    return new Response(null, { status: 503 });
  }
}
