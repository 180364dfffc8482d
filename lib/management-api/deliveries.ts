import { z } from 'zod';
import type {
  AccountTimeline,
  EntryKind,
  KeyDelivery,
  KeyDeliveryState,
  OldKey,
} from '#lib/key-delivery/timeline/schema.ts';

const time = z.iso.datetime();

/** The word of the documentation: the integrator collects a key. */
const STATES = {
  in_progress: 'in_progress',
  shown: 'collected',
  locked: 'locked',
  expired: 'expired',
  replaced: 'replaced',
} as const satisfies Record<KeyDeliveryState, string>;
const EVENT_TYPES = {
  started: 'started',
  email: 'email',
  sms: 'sms',
  opened: 'opened',
  wrong_code: 'wrong_code',
  code_requested: 'code_requested',
  resent: 'resent',
  read_out: 'read_out',
  shown: 'collected',
  locked: 'locked',
  expired: 'expired',
  replaced: 'replaced',
  first_use: 'first_used',
} as const satisfies Record<EntryKind, string>;

const eventSchema = z.strictObject({
  type: z.enum(Object.values(EVENT_TYPES)),
  at: time,
  isProblem: z.boolean().meta({ description: 'Whether an administrator may have to act.' }),
  text: z.string().meta({ description: 'For people; may change.' }),
  detail: z.string().nullable(),
});

/** The delivery of a key, as the management API describes it. */
export const deliverySchema = z
  .strictObject({
    id: z.uuid(),
    state: z.enum(Object.values(STATES)),
    startedAt: time,
    email: z.string().meta({ description: 'Recipient of the link.' }),
    phone: z.string().meta({ description: 'Recipient of the codes.' }),
    summary: z.string().meta({ description: 'For people; may change.' }),
    isProblem: z.boolean().meta({ description: 'Whether an administrator may have to act.' }),
    events: z.array(eventSchema).meta({
      description:
        'Oldest first. `collected`: the key was shown. `first_used`: its first request was allowed.',
    }),
  })
  .meta({ id: 'Delivery', description: 'The delivery of one key. Contains no link and no code.' });

/** The old key of a reset, which still works. */
export const oldKeyStateSchema = z
  .strictObject({
    expiresAt: time.meta({ description: 'When it ends at the latest.' }),
    endsOn: z.enum(['collection', 'first_use']).nullable().meta({ description: 'What ends it earlier.' }),
    lastUsedAt: time.nullable(),
    newKey: z.enum(['not_collected', 'not_used', 'used']),
  })
  .meta({ id: 'OldKey' });

const resendTimeSchema = z.strictObject({
  at: time.meta({ description: 'The earliest time of the next resend.' }),
  left: z.int().meta({ description: 'How many resends are left.' }),
});
export const resendTimesSchema = z.strictObject({ email: resendTimeSchema, sms: resendTimeSchema });

const toDelivery = ({ id, state, startedAt, email, phone, status, entries }: KeyDelivery) => ({
  id,
  state: STATES[state],
  startedAt,
  email,
  phone,
  summary: status.text,
  isProblem: status.tone === 'problem',
  events: entries.map(({ kind, tone, at, text, details }) => ({
    type: EVENT_TYPES[kind],
    at,
    isProblem: tone === 'problem',
    text,
    detail: details,
  })),
});

const toOldKey = ({ expiresAt, endsOn, lastUsedAt, newKey }: OldKey) => ({
  expiresAt,
  endsOn,
  lastUsedAt,
  newKey,
});

/** Describes the key deliveries of an account, newest first. */
export const toDeliveries = ({ current, earlier, oldKey, resendAvailability }: AccountTimeline) => ({
  data: [...(current ? [current] : []), ...earlier].map(toDelivery),
  nextCursor: null,
  oldKey: oldKey && toOldKey(oldKey),
  resend: resendAvailability && { email: resendAvailability.email, sms: resendAvailability.text },
});
