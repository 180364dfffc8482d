import { z } from 'zod';
import { webhookDeliveryCursorSchema } from '#lib/webhooks/deliveries.ts';
import {
  DEFAULT_OVERLAP_HOURS,
  MAX_OVERLAP_HOURS,
  newWebhookEndpointSchema,
  updateWebhookEndpointSchema,
  WEBHOOK_DELIVERY_STATES,
} from '#lib/webhooks/schema.ts';
import { defineOperation } from './operation.ts';
import { createPageSchema, limitSchema } from './page.ts';
import {
  deliveryWithAttemptsSchema,
  endpointSchema,
  secretSchema,
  webhookDeliverySchema,
} from './webhooks.ts';

const ENDPOINTS = '/api/v1/webhook-endpoints';
const ENDPOINT = `${ENDPOINTS}/{id}` as const;
const DELIVERY = '/api/v1/webhook-deliveries/{id}';
const endpoint = { body: endpointSchema };
const startedDelivery = {
  description: 'The id of the delivery, whose result to wait for.',
  body: z.strictObject({ deliveryId: z.uuid() }).meta({ id: 'StartedWebhookDelivery' }),
};

const { url, description, eventTypes } = newWebhookEndpointSchema.shape;
const { enabled } = updateWebhookEndpointSchema.shape;

export const listEndpoints = defineOperation({
  id: 'listWebhookEndpoints',
  method: 'get',
  path: ENDPOINTS,
  scope: 'webhooks:write',
  summary: 'Lists the webhook endpoints, oldest first. There is only one page.',
  success: { status: 200, description: 'All endpoints.', body: createPageSchema(endpointSchema) },
  problems: [],
});

export const getEndpoint = defineOperation({
  id: 'getWebhookEndpoint',
  method: 'get',
  path: ENDPOINT,
  scope: 'webhooks:write',
  summary: 'Returns a webhook endpoint.',
  success: { status: 200, description: 'The endpoint. `ETag` has its version.', ...endpoint },
  problems: ['not_found'],
});

export const createEndpoint = defineOperation({
  id: 'createWebhookEndpoint',
  method: 'post',
  path: ENDPOINTS,
  scope: 'webhooks:write',
  summary: 'Creates a webhook endpoint, and returns its signing secret once.',
  description:
    'The token also needs the scopes to read what the events contain: `audit:read` for `audit.event`, `accounts:read` for the others.',
  body: z
    .strictObject({ url, description, eventTypes })
    .meta({ id: 'NewWebhookEndpoint', description: 'A webhook endpoint to create.' }),
  success: {
    status: 201,
    description: 'The new endpoint and its secret. `Location` has its address.',
    body: endpointSchema.extend({ secret: secretSchema }).meta({ id: 'CreatedWebhookEndpoint' }),
  },
  problems: ['too_many_endpoints'],
});

export const updateEndpoint = defineOperation({
  id: 'updateWebhookEndpoint',
  method: 'patch',
  path: ENDPOINT,
  scope: 'webhooks:write',
  summary: 'Changes fields of a webhook endpoint. The others stay as they are.',
  description:
    'With `If-Match`, only if the endpoint still has this version. Disabling an endpoint ends its pending deliveries.',
  body: z
    .strictObject({
      url: url.optional(),
      description: updateWebhookEndpointSchema.shape.description,
      eventTypes: eventTypes.optional(),
      enabled,
    })
    .meta({ id: 'WebhookEndpointChanges', description: 'The fields to change.' }),
  success: { status: 200, description: 'The endpoint after the change.', ...endpoint },
  problems: ['not_found', 'version_mismatch'],
});

export const deleteEndpoint = defineOperation({
  id: 'deleteWebhookEndpoint',
  method: 'delete',
  path: ENDPOINT,
  scope: 'webhooks:write',
  summary: 'Deletes a webhook endpoint and its deliveries.',
  success: { status: 204, description: 'The endpoint is deleted.' },
  problems: ['not_found'],
});

export const rotateSecret = defineOperation({
  id: 'rotateWebhookSecret',
  method: 'post',
  path: `${ENDPOINT}/rotate-secret`,
  scope: 'webhooks:write',
  summary: 'Gives a webhook endpoint a new signing secret, and returns it once.',
  body: z
    .strictObject({
      hours: z.int().min(0).max(MAX_OVERLAP_HOURS).default(DEFAULT_OVERLAP_HOURS).meta({
        description: 'How long events are signed with the previous secret, too. 0: not at all.',
      }),
    })
    .meta({ id: 'WebhookSecretRotation' }),
  isBodyOptional: true,
  success: {
    status: 200,
    description: 'The new secret.',
    body: z
      .strictObject({ secret: secretSchema, previousSecretExpiresAt: z.iso.datetime().nullable() })
      .meta({ id: 'WebhookSecret' }),
  },
  problems: ['not_found'],
});

export const testEndpoint = defineOperation({
  id: 'testWebhookEndpoint',
  method: 'post',
  path: `${ENDPOINT}/test`,
  scope: 'webhooks:write',
  summary: 'Sends a test event to a webhook endpoint, once, even if it is disabled.',
  success: { status: 202, ...startedDelivery },
  problems: ['not_found'],
});

export const listEndpointDeliveries = defineOperation({
  id: 'listWebhookDeliveries',
  method: 'get',
  path: `${ENDPOINT}/deliveries`,
  scope: 'webhooks:write',
  summary: 'Lists the deliveries of a webhook endpoint within 30 days, newest first.',
  query: z.strictObject({
    state: z.enum(WEBHOOK_DELIVERY_STATES).optional(),
    limit: limitSchema,
    cursor: webhookDeliveryCursorSchema
      .optional()
      .meta({ description: 'The `nextCursor` of the previous page.' }),
  }),
  success: {
    status: 200,
    description: 'A page of deliveries.',
    body: createPageSchema(webhookDeliverySchema),
  },
  problems: ['not_found'],
});

export const getEndpointDelivery = defineOperation({
  id: 'getWebhookDelivery',
  method: 'get',
  path: DELIVERY,
  scope: 'webhooks:write',
  summary: 'Returns a delivery with the request and the response of each attempt.',
  description: 'The token also needs the scope to read what the event contains.',
  success: { status: 200, description: 'The delivery.', body: deliveryWithAttemptsSchema },
  problems: ['not_found'],
});

export const redeliver = defineOperation({
  id: 'redeliverWebhook',
  method: 'post',
  path: `${DELIVERY}/redeliver`,
  scope: 'webhooks:write',
  summary: 'Sends the event of a delivery again, with the same `webhook-id`.',
  success: { status: 202, ...startedDelivery },
  problems: ['not_found', 'endpoint_disabled', 'delivery_pending'],
});
