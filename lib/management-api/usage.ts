import { z } from 'zod';
import type { AccountUsage, UsagePeriod } from '#lib/api-accounts/usage/schema.ts';

const time = z.iso.datetime();
const count = z.int().min(0);

const countsShape = {
  allowed: count.meta({ description: 'Responses with status 200.' }),
  allowedPrevious: count.meta({ description: 'Those of them to the old key.' }),
  inactive: count,
  expired: count,
  insufficientScope: count,
  networkNotAllowed: count,
  limited: count.meta({ description: 'Responses with status 429.' }),
};
const periodSchema = z.strictObject({
  buckets: z.array(z.strictObject({ from: time, ...countsShape })).meta({ description: 'Oldest first.' }),
  total: z.strictObject(countsShape),
});

/** How an account is used, as the management API describes it. */
export const usageSchema = z
  .strictObject({
    lastUsedAt: time.nullable(),
    readAt: time,
    hours: periodSchema.meta({ description: '24 hours.' }),
    days: periodSchema.meta({ description: '30 days.' }),
  })
  .meta({ id: 'Usage', description: 'Responses of the verifier to keys of the account.' });

const toPeriod = ({ buckets, total }: UsagePeriod) => ({
  buckets: buckets.map((bucket) => ({ ...bucket, from: bucket.from.toISOString() })),
  total,
});

/** Describes the usage of an account. */
export const toUsage = ({ lastUsedAt, readAt, hours, days }: AccountUsage): z.infer<typeof usageSchema> => ({
  lastUsedAt: lastUsedAt?.toISOString() ?? null,
  readAt: readAt.toISOString(),
  hours: toPeriod(hours),
  days: toPeriod(days),
});
