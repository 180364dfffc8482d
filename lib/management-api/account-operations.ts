import { z } from 'zod';
import { accountSchema, RESOURCE_STATUSES } from '#lib/account-state/resource.ts';
import { accountCursorSchema } from '#lib/api-accounts/list-resources.ts';
import { newApiAccountSchema, oldKeySchema } from '#lib/api-accounts/schema.ts';
import { normalizeSearch } from '#lib/platform/user-input/name.ts';
import { deliverySchema, oldKeyStateSchema, resendTimesSchema } from './deliveries.ts';
import { defineOperation } from './operation.ts';
import { createPageSchema, limitSchema } from './page.ts';
import { usageSchema } from './usage.ts';

const MAX_SEARCH_LENGTH = 200;
const MAX_LIMIT_PER_MINUTE = 1_000_000;

const account = { body: accountSchema };

export const listAccounts = defineOperation({
  id: 'listApiAccounts',
  method: 'get',
  path: '/api/v1/api-accounts',
  scope: 'accounts:read',
  summary: 'Lists API accounts, in the order of their usernames.',
  query: z.strictObject({
    search: z
      .string()
      .max(MAX_SEARCH_LENGTH)
      .transform(normalizeSearch)
      .default('')
      .meta({ description: 'Part of a username, a display name, an email address or a phone number.' }),
    status: z.enum(RESOURCE_STATUSES).optional(),
    limit: limitSchema,
    cursor: accountCursorSchema.optional().meta({ description: 'The `nextCursor` of the previous page.' }),
  }),
  success: { status: 200, description: 'A page of accounts.', body: createPageSchema(accountSchema) },
  problems: [],
});

export const getAccount = defineOperation({
  id: 'getApiAccount',
  method: 'get',
  path: '/api/v1/api-accounts/{id}',
  scope: 'accounts:read',
  summary: 'Returns an API account.',
  success: { status: 200, description: 'The account. `ETag` has its version.', ...account },
  problems: ['not_found'],
});

export const getUsage = defineOperation({
  id: 'getApiAccountUsage',
  method: 'get',
  path: '/api/v1/api-accounts/{id}/usage',
  scope: 'accounts:read',
  summary: 'Returns how an account was used in the last 24 hours and 30 days.',
  success: { status: 200, description: 'The usage, in hours and days (UTC).', body: usageSchema },
  problems: ['not_found'],
});

export const listDeliveries = defineOperation({
  id: 'listApiAccountDeliveries',
  method: 'get',
  path: '/api/v1/api-accounts/{id}/deliveries',
  scope: 'accounts:read',
  summary: 'Returns the current key delivery of an account and up to ten earlier ones, newest first.',
  description:
    'Poll this to follow a delivery from the email to the first request with the key. There is only one page.',
  success: {
    status: 200,
    description: 'The deliveries.',
    body: createPageSchema(deliverySchema).extend({
      oldKey: oldKeyStateSchema.nullable().meta({ description: 'null: no old key works.' }),
      resend: resendTimesSchema.nullable().meta({ description: 'null: no delivery is in progress.' }),
    }),
  },
  problems: ['not_found'],
});

// As the pages validate them. Names and values of the API are those of the account.
const { username, email, phone, isPhoneConfirmed, expiresAt, scopes, allowedNetworks, notes } =
  newApiAccountSchema.shape;
const phoneConfirmed = isPhoneConfirmed.meta({
  description: 'true accepts a mobile number that the numbering plans do not contain.',
});
// The pages may also send a Date.
const expiryAsText = expiresAt.unwrap() as z.ZodType<Date | null, string | null>;
const optionalFields = {
  phoneConfirmed,
  requestsPerMinute: z.int().min(1).max(MAX_LIMIT_PER_MINUTE).nullable().optional(),
  expiresAt: z.iso.datetime({ offset: true }).nullable().pipe(expiryAsText).optional(),
  scopes,
  allowedNetworks,
  notes,
};

export const createAccount = defineOperation({
  id: 'createApiAccount',
  method: 'post',
  path: '/api/v1/api-accounts',
  scope: 'accounts:write',
  summary: 'Creates an API account, and sends its integrator a link by email and a code by text message.',
  description: 'Without `expiresAt`, the account has the default of the expiry policy.',
  body: z
    .strictObject({ username, email, phone, ...optionalFields })
    .meta({ id: 'NewAccount', description: 'An API account to create.' }),
  success: { status: 201, description: 'The new account. `Location` has its address.', ...account },
  problems: [],
});

export const updateAccount = defineOperation({
  id: 'updateApiAccount',
  method: 'patch',
  path: '/api/v1/api-accounts/{id}',
  scope: 'accounts:write',
  summary: 'Changes fields of an API account. The others stay as they are.',
  description:
    'With `If-Match`, only if the account still has this version. Changes of the access take effect before the response. If a delivery is in progress, a new email address or phone number restarts it.',
  body: z
    .strictObject({
      email: email.optional(),
      phone: phone.optional(),
      active: z.boolean().optional(),
      ...optionalFields,
    })
    .meta({ id: 'AccountChanges', description: 'The fields to change.' }),
  success: { status: 200, description: 'The account after the change.', ...account },
  problems: ['not_found', 'version_mismatch'],
});

export const deleteAccount = defineOperation({
  id: 'deleteApiAccount',
  method: 'delete',
  path: '/api/v1/api-accounts/{id}',
  scope: 'accounts:write',
  summary: 'Deletes an API account and its contact details. Its keys are refused from the response on.',
  success: { status: 204, description: 'The account is deleted.' },
  problems: ['not_found'],
});

export const resetKey = defineOperation({
  id: 'resetApiKey',
  method: 'post',
  path: '/api/v1/api-accounts/{id}/reset-key',
  scope: 'accounts:write',
  summary: 'Resets the API key of an account, and sends its integrator a new link and a new code.',
  body: z
    .strictObject({
      oldKey: oldKeySchema.optional().meta({
        description: 'When the old key stops working. Default: immediately.',
      }),
    })
    .meta({ id: 'KeyReset' }),
  isBodyOptional: true,
  success: { status: 200, description: 'The account, whose new key is not collected yet.', ...account },
  problems: ['not_found'],
});

const resendPart = z
  .strictObject({
    sent: z.boolean(),
    reason: z.enum(['too_soon', 'no_resends_left', 'sms_blocked']).optional(),
    detail: z.string().optional(),
  })
  .nullable();

export const resend = defineOperation({
  id: 'resendMessages',
  method: 'post',
  path: '/api/v1/api-accounts/{id}/resend',
  scope: 'accounts:write',
  summary: 'Sends the email, the text message or both of the current key delivery again.',
  body: z
    .strictObject({
      message: z.enum(['email', 'sms', 'both']).default('both').meta({ description: 'What to send again.' }),
    })
    .meta({ id: 'Resend' }),
  isBodyOptional: true,
  success: {
    status: 200,
    description: 'At least one message was sent. A part is null if it was not requested.',
    body: z.strictObject({ email: resendPart, sms: resendPart }),
  },
  problems: ['not_found', 'not_in_progress', 'not_sent'],
});
