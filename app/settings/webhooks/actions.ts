'use server';
import { revalidatePath } from 'next/cache';
import { requireAdministrator } from '#lib/identity/sessions/require-role.ts';
import { database } from '#lib/platform/database.ts';
import { createWebhookEndpoint as create } from '#lib/webhooks/create.ts';
import { deleteWebhookEndpoint as deleteEndpoint } from '#lib/webhooks/delete.ts';
import { redeliverWebhook as redeliver } from '#lib/webhooks/redeliver.ts';
import { rotateWebhookSecret as rotate } from '#lib/webhooks/rotate-secret.ts';
import {
  deleteWebhookEndpointSchema,
  editWebhookEndpointSchema,
  newWebhookEndpointSchema,
  redeliverSchema,
  rotateWebhookSecretSchema,
  testWebhookEndpointSchema,
  webhookEndpointStateSchema,
} from '#lib/webhooks/schema.ts';
import { sendTestEvent } from '#lib/webhooks/test-event.ts';
import { updateWebhookEndpoint } from '#lib/webhooks/update.ts';
import { MALFORMED_REQUEST } from '../malformed-request.ts';
import { WEBHOOKS_PATH } from '../settings-pages.ts';

/** Creates a webhook endpoint, and returns its signing secret: it is shown only once. */
export async function createWebhookEndpoint(input: unknown) {
  const access = await requireAdministrator('createWebhookEndpoint');
  if (!access.ok) return access;
  const parsed = newWebhookEndpointSchema.safeParse(input);
  if (!parsed.success) return MALFORMED_REQUEST;
  const result = await create(database(), access.administrator, parsed.data);
  revalidatePath(WEBHOOKS_PATH);
  return result;
}

/** Saves where the events of a webhook endpoint go, and which. */
export async function saveWebhookEndpoint(input: unknown) {
  const access = await requireAdministrator('saveWebhookEndpoint');
  if (!access.ok) return access;
  const parsed = editWebhookEndpointSchema.safeParse(input);
  if (!parsed.success) return MALFORMED_REQUEST;
  const result = await updateWebhookEndpoint(database(), access.administrator, parsed.data);
  revalidatePath(WEBHOOKS_PATH, 'layout');
  return result;
}

/** Disables or enables a webhook endpoint. */
export async function setWebhookEndpointEnabled(input: unknown) {
  const access = await requireAdministrator('setWebhookEndpointEnabled');
  if (!access.ok) return access;
  const parsed = webhookEndpointStateSchema.safeParse(input);
  if (!parsed.success) return MALFORMED_REQUEST;
  const result = await updateWebhookEndpoint(database(), access.administrator, parsed.data);
  revalidatePath(WEBHOOKS_PATH, 'layout');
  return result;
}

/** Deletes a webhook endpoint with its deliveries. */
export async function deleteWebhookEndpoint(input: unknown) {
  const access = await requireAdministrator('deleteWebhookEndpoint');
  if (!access.ok) return access;
  const parsed = deleteWebhookEndpointSchema.safeParse(input);
  if (!parsed.success) return MALFORMED_REQUEST;
  // Revalidates nothing: the endpoint's page, which is about to be left, would say that it does not exist.
  return deleteEndpoint(database(), access.administrator, parsed.data);
}

/** Gives a webhook endpoint a new signing secret, and returns it: it is shown only once. */
export async function rotateWebhookSecret(input: unknown) {
  const access = await requireAdministrator('rotateWebhookSecret');
  if (!access.ok) return access;
  const parsed = rotateWebhookSecretSchema.safeParse(input);
  if (!parsed.success) return MALFORMED_REQUEST;
  const result = await rotate(database(), access.administrator, parsed.data);
  revalidatePath(WEBHOOKS_PATH, 'layout');
  return result;
}

/** Sends a test event to a webhook endpoint. */
export async function sendWebhookTest(input: unknown) {
  const access = await requireAdministrator('sendWebhookTest');
  if (!access.ok) return access;
  const parsed = testWebhookEndpointSchema.safeParse(input);
  if (!parsed.success) return MALFORMED_REQUEST;
  const result = await sendTestEvent(database(), access.administrator, parsed.data);
  revalidatePath(WEBHOOKS_PATH, 'layout');
  return result;
}

/** Sends the event of a delivery again. */
export async function redeliverWebhook(input: unknown) {
  const access = await requireAdministrator('redeliverWebhook');
  if (!access.ok) return access;
  const parsed = redeliverSchema.safeParse(input);
  if (!parsed.success) return MALFORMED_REQUEST;
  const result = await redeliver(database(), access.administrator, parsed.data);
  revalidatePath(WEBHOOKS_PATH, 'layout');
  return result;
}
