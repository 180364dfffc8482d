import { z } from 'zod';
import { createNameSchema } from '#lib/platform/user-input/schema.ts';
import { WEBHOOK_EVENT_TYPES, type WebhookEventType } from '#lib/webhook-events/event-types.ts';

export { WEBHOOK_EVENT_TYPES } from '#lib/webhook-events/event-types.ts';

const MAX_URL_LENGTH = 2_000;
const MAX_DESCRIPTION_LENGTH = 200;

/** How many hours the previous secret signs after a rotation: by default, and at most. */
export const DEFAULT_OVERLAP_HOURS = 24;
export const MAX_OVERLAP_HOURS = 168;
const HOURS_ERROR = `Enter a whole number from 0 to ${MAX_OVERLAP_HOURS}.`;

/** Returns the error for a URL that cannot be an endpoint's. Whether its address is allowed, the server decides. */
function findUrlError(text: string): string | undefined {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol))
    return 'Enter the full address, such as https://hooks.example.org/stagedoor.';
  if (url.username || url.password)
    return 'Remove the username and the password from the address. Verify the signature instead.';
  if (url.hash) return 'Remove the part after #, which is not sent.';
  return undefined;
}

const urlSchema = z
  .string()
  .trim()
  .min(1, { error: 'Enter the address that gets the events.' })
  .max(MAX_URL_LENGTH, { error: `Use up to ${MAX_URL_LENGTH} characters.` })
  .superRefine((text, context) => {
    const message = findUrlError(text);
    if (message) context.addIssue({ code: 'custom', message });
  })
  .transform((text) => new URL(text).href);

const eventTypesSchema = z
  .array(z.enum(WEBHOOK_EVENT_TYPES))
  .min(1, { error: 'Choose at least one event.' })
  .max(WEBHOOK_EVENT_TYPES.length)
  .transform((types) => WEBHOOK_EVENT_TYPES.filter((type) => types.includes(type)));

const descriptionSchema = createNameSchema(MAX_DESCRIPTION_LENGTH);

export const newWebhookEndpointSchema = z.object({
  url: urlSchema,
  description: descriptionSchema.default(''),
  eventTypes: eventTypesSchema,
});

/** Missing fields are unchanged. */
export const updateWebhookEndpointSchema = z.object({
  id: z.uuid(),
  /** The version that was edited, so that no other change is overwritten. */
  version: z.int().optional(),
  url: urlSchema.optional(),
  description: descriptionSchema.optional(),
  eventTypes: eventTypesSchema.optional(),
  enabled: z.boolean().optional(),
});

/** What the form of an endpoint sends. */
export const editWebhookEndpointSchema = updateWebhookEndpointSchema
  .omit({ enabled: true })
  .required({ version: true, url: true, eventTypes: true });

/** What the buttons that disable and enable an endpoint send. */
export const webhookEndpointStateSchema = updateWebhookEndpointSchema
  .pick({ id: true, enabled: true })
  .required();

export const deleteWebhookEndpointSchema = z.object({ id: z.uuid() });

export const rotateWebhookSecretSchema = z.object({
  id: z.uuid(),
  /** How long the previous secret signs, too. 0: not at all, because it was leaked. */
  hours: z
    // Not `z.coerce`, which reads an empty field as 0.
    .union([z.string().regex(/^\d{1,3}$/), z.number().int()], { error: HOURS_ERROR })
    .transform(Number)
    .refine((hours) => hours >= 0 && hours <= MAX_OVERLAP_HOURS, { error: HOURS_ERROR })
    .default(DEFAULT_OVERLAP_HOURS),
});

export const testWebhookEndpointSchema = z.object({ id: z.uuid() });

/** `id`: that of the delivery. */
export const redeliverSchema = z.object({ id: z.uuid() });

export type NewWebhookEndpoint = z.output<typeof newWebhookEndpointSchema>;
export type WebhookEndpointChanges = z.output<typeof updateWebhookEndpointSchema>;
export type SecretRotation = z.output<typeof rotateWebhookSecretSchema>;

/** Why an endpoint is disabled. `gone`: it responded with 410. `failing`: no delivery succeeded for five days. */
export const WEBHOOK_DISABLED_REASONS = ['failing', 'gone', 'administrator'] as const;
export type WebhookDisabledReason = (typeof WEBHOOK_DISABLED_REASONS)[number];

/** A webhook endpoint, without its secret. */
export type WebhookEndpointDetails = {
  id: string;
  url: string;
  description: string;
  eventTypes: WebhookEventType[];
  enabled: boolean;
  /** Null while it is enabled. */
  disabledReason: WebhookDisabledReason | null;
  disabledAt: Date | null;
  /** The first failed attempt since the last successful one; null if the last one succeeded. */
  failingSince: Date | null;
  createdAt: Date;
  /** The name of the user or access token; null if it no longer exists. */
  createdBy: string | null;
  updatedAt: Date;
  updatedBy: string | null;
  /** Increases with each change. */
  version: number;
  /** Until when the secret before the last rotation signs, too; null if it does not. */
  previousSecretExpiresAt: Date | null;
  /** The last successful delivery, except of a test event. */
  lastDeliveryAt: Date | null;
};

/** `failed`: no attempt succeeded within a day, or the endpoint was disabled meanwhile. */
export const WEBHOOK_DELIVERY_STATES = ['pending', 'delivered', 'failed'] as const;
export type WebhookDeliveryState = (typeof WEBHOOK_DELIVERY_STATES)[number];

/** The delivery of an event to an endpoint. */
export type WebhookDeliveryDetails = {
  id: string;
  endpointId: string;
  /** Sent as `webhook-id`. */
  eventId: string;
  /** One of WEBHOOK_EVENT_TYPES, or `webhook.test`. */
  type: string;
  createdAt: Date;
  state: WebhookDeliveryState;
  /** Number of attempts. */
  attempts: number;
  /** Null unless the delivery is pending. */
  nextAttemptAt: Date | null;
  isTest: boolean;
};

/** An attempt to deliver an event. */
export type WebhookAttemptDetails = {
  id: string;
  at: Date;
  durationMs: number;
  /** Without the signature, which is not stored. */
  requestHeaders: Record<string, string>;
  requestBody: string;
  /** Null if there was no response. */
  status: number | null;
  /** Some headers of the response. */
  responseHeaders: Record<string, string>;
  /** The beginning of the response's body: at most 64 KB. */
  responseBody: string;
  /** Why there was no response; null if there was one. */
  error: string | null;
};
