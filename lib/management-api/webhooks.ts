import { z } from 'zod';
import {
  WEBHOOK_DELIVERY_STATES,
  WEBHOOK_DISABLED_REASONS,
  WEBHOOK_EVENT_TYPES,
  type WebhookAttemptDetails,
  type WebhookDeliveryDetails,
  type WebhookEndpointDetails,
} from '#lib/webhooks/schema.ts';

const time = z.iso.datetime();

/** A webhook endpoint, as the management API describes it. */
export const endpointSchema = z
  .strictObject({
    id: z.uuid(),
    url: z.string(),
    description: z.string(),
    eventTypes: z.array(z.enum(WEBHOOK_EVENT_TYPES)),
    enabled: z.boolean(),
    disabledReason: z.enum(WEBHOOK_DISABLED_REASONS).nullable().meta({
      description: '`failing`: no delivery succeeded for five days. `gone`: it responded with 410.',
    }),
    disabledAt: time.nullable(),
    failingSince: time
      .nullable()
      .meta({ description: 'The first failed attempt since the last successful one.' }),
    previousSecretExpiresAt: time
      .nullable()
      .meta({ description: 'Until when the secret before the last rotation signs, too.' }),
    lastDeliveryAt: time.nullable().meta({ description: 'The last successful delivery within 30 days.' }),
    createdAt: time,
    updatedAt: time,
    version: z.int().meta({ description: 'Increases with each change. Send it as `If-Match`.' }),
  })
  .meta({ id: 'WebhookEndpoint', description: 'A URL that gets events. Without its secret.' });

/** A signing secret. */
export const secretSchema = z.string().meta({
  description: 'The signing secret (Standard Webhooks): `whsec_` and base64. It is in no other response.',
});

const deliveryShape = {
  id: z.uuid(),
  endpointId: z.uuid(),
  eventId: z.uuid().meta({ description: 'Sent as `webhook-id`.' }),
  type: z.string().meta({ description: 'One of the event types, or `webhook.test`.' }),
  state: z.enum(WEBHOOK_DELIVERY_STATES).meta({
    description: '`failed`: no attempt succeeded within a day, or the endpoint was disabled.',
  }),
  createdAt: time,
  attemptCount: z.int(),
  nextAttemptAt: time.nullable().meta({ description: 'null unless the delivery is pending.' }),
};
/** A webhook delivery, as the management API describes it. */
export const webhookDeliverySchema = z
  .strictObject(deliveryShape)
  .meta({ id: 'WebhookDelivery', description: 'The delivery of an event to an endpoint.' });

const messageShape = { headers: z.record(z.string(), z.string()), body: z.string() };
const attemptSchema = z
  .strictObject({
    id: z.uuid(),
    at: time,
    durationMs: z.int(),
    request: z
      .strictObject(messageShape)
      .meta({ description: 'Without the signature, which is not stored.' }),
    response: z
      .strictObject({ status: z.int(), ...messageShape })
      .nullable()
      .meta({ description: 'Some of its headers, and at most 64 KB of its body.' }),
    error: z.string().nullable().meta({ description: 'Why there was no response.' }),
  })
  .meta({ id: 'WebhookAttempt' });
/** A webhook delivery with what was sent and received. */
export const deliveryWithAttemptsSchema = z
  .strictObject({ ...deliveryShape, attempts: z.array(attemptSchema).meta({ description: 'Oldest first.' }) })
  .meta({ id: 'WebhookDeliveryWithAttempts' });

const toText = (at: Date | null) => at?.toISOString() ?? null;

/** Describes an endpoint, without who created and changed it. */
export const toEndpoint = ({
  createdBy: _createdBy,
  updatedBy: _updatedBy,
  ...details
}: WebhookEndpointDetails): z.infer<typeof endpointSchema> => ({
  ...details,
  disabledAt: toText(details.disabledAt),
  failingSince: toText(details.failingSince),
  previousSecretExpiresAt: toText(details.previousSecretExpiresAt),
  lastDeliveryAt: toText(details.lastDeliveryAt),
  createdAt: details.createdAt.toISOString(),
  updatedAt: details.updatedAt.toISOString(),
});

/** Describes a delivery. */
export const toWebhookDelivery = (
  details: WebhookDeliveryDetails,
): z.infer<typeof webhookDeliverySchema> => ({
  id: details.id,
  endpointId: details.endpointId,
  eventId: details.eventId,
  type: details.type,
  state: details.state,
  createdAt: details.createdAt.toISOString(),
  attemptCount: details.attempts,
  nextAttemptAt: toText(details.nextAttemptAt),
});

/** Describes an attempt to deliver an event. */
export const toAttempt = (details: WebhookAttemptDetails): z.infer<typeof attemptSchema> => {
  const { id, at, durationMs, requestHeaders, requestBody, status, responseHeaders, responseBody, error } =
    details;
  return {
    id,
    at: at.toISOString(),
    durationMs,
    request: { headers: requestHeaders, body: requestBody },
    response: status === null ? null : { status, headers: responseHeaders, body: responseBody },
    error,
  };
};
