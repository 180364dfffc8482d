import { database } from '#lib/database.ts';
import { receiveWebhook } from '#lib/deliveries/receive-webhook.ts';
import { log } from '#lib/log.ts';
import { settings } from '#lib/settings.ts';

export const dynamic = 'force-dynamic';

/** Public: Resend tells here what became of emails. Each call is checked by its signature (docs/messages.md). */
export async function POST(request: Request): Promise<Response> {
  try {
    const status = await receiveWebhook(database(), settings().resendWebhookSecret, request);
    return new Response(null, { status });
  } catch (error) {
    log.error('webhook', error);
    return new Response(null, { status: 503 });
  }
}
