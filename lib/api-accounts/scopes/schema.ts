import { z } from 'zod';
import { createNameSchema } from '#lib/platform/user-input/schema.ts';

/** Bounds the header X-API-Scopes to about 2 KB: gateways limit the headers of a response. */
export const MAX_SCOPES = 50;
const MAX_SCOPE_LENGTH = 40;
const MAX_DESCRIPTION_LENGTH = 200;

/** Part of the syntax of RFC 6749, section 3.3, that needs no escaping in a URL, in JSON or in a header. */
const SCOPE_NAME = /^[a-z0-9]+(?:[:._-][a-z0-9]+)*$/;

export const scopeNameSchema = z
  .string()
  .max(MAX_SCOPE_LENGTH, { error: `Use ${MAX_SCOPE_LENGTH} characters or fewer.` })
  .transform((text) => text.trim())
  .pipe(
    z.string().min(1, { error: 'Enter a name, like orders:read.' }).regex(SCOPE_NAME, {
      error: 'Use lower-case letters and digits, with a colon, dot, hyphen or underscore between them.',
    }),
  );

const descriptionSchema = createNameSchema(MAX_DESCRIPTION_LENGTH).pipe(
  z.string().min(1, { error: 'Enter what the scope allows.' }),
);

export const newScopeSchema = z.object({ name: scopeNameSchema, description: descriptionSchema });

export type NewScope = z.infer<typeof newScopeSchema>;

export type Scope = NewScope & {
  /** How many accounts have it, without those with full access. */
  accounts: number;
  /** Null: it can be given to accounts. */
  retiredAt: Date | null;
};
