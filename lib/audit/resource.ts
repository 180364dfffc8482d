import { z } from 'zod';
import type { AuditEntry } from './schema.ts';

const userSchema = z
  .strictObject({ id: z.uuid(), name: z.string().nullable(), email: z.string().nullable() })
  .nullable();

/** An entry of the audit log, as the management API and webhooks describe it. */
export const auditEventSchema = z
  .strictObject({
    id: z.uuid(),
    at: z.iso.datetime(),
    action: z.string().meta({ description: 'See docs/reference/audit-events.md.' }),
    outcome: z.enum(['done', 'refused']),
    by: userSchema.meta({ description: 'The acting user.' }),
    accessToken: z
      .strictObject({ id: z.uuid(), name: z.string().nullable() })
      .nullable()
      .meta({ description: 'The acting access token.' }),
    account: z
      .strictObject({ id: z.uuid(), username: z.string().nullable() })
      .nullable()
      .meta({ description: 'The affected API account.' }),
    user: userSchema.meta({ description: 'The affected user.' }),
    ipAddress: z.string().nullable(),
    details: z.record(z.string(), z.unknown()),
    position: z.int().nullable().meta({ description: 'The position in the chain, from 1, without gaps.' }),
    digest: z.string().nullable().meta({ description: 'SHA-256 of the event and of the digest before it.' }),
  })
  .meta({ id: 'AuditEvent', description: 'An entry of the audit log.' });

/** Describes an entry of the audit log. */
export const toAuditEvent = (entry: AuditEntry): z.infer<typeof auditEventSchema> => ({
  ...entry,
  at: entry.at.toISOString(),
});
