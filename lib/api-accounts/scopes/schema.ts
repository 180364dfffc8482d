import { z } from 'zod';
import { MAX_TYPED_LENGTH } from '#lib/platform/user-input/characters.ts';
import { createNameSchema } from '#lib/platform/user-input/schema.ts';

/** Bounds the header X-API-Scopes to about 2 KB: gateways limit the headers of a response. */
export const MAX_SCOPES = 50;
export const MAX_SCOPE_LENGTH = 40;
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

export const editScopeSchema = newScopeSchema.extend({
  /** The description when the editor was opened. */
  seenDescription: z.string().max(MAX_TYPED_LENGTH),
});

/** The scope whose accounts a page shows. */
export const scopeIdSchema = z.object({ name: scopeNameSchema });

export const retireScopeSchema = scopeIdSchema.extend({
  /** Which accounts had it when the dialog was opened. */
  seen: z.object({ accounts: z.int().min(0), onlyScope: z.int().min(0) }),
});

export type NewScope = z.infer<typeof newScopeSchema>;
export type EditScope = z.infer<typeof editScopeSchema>;
export type RetireScope = z.infer<typeof retireScopeSchema>;
export type SeenScopeUse = RetireScope['seen'];

export type Scope = NewScope & {
  /** How many accounts have it, without those with full access. */
  accounts: number;
  /** Null: it can be given to accounts. */
  retiredAt: Date | null;
};

/** A scope as its page shows it. Names are null if the user no longer exists. */
export type ScopeDetails = Scope & { createdAt: Date; createdBy: string | null; retiredBy: string | null };

/** The accounts that have a scope, without those with full access. */
export type ScopeUse = {
  accounts: number;
  /** How many of them have no other scope. */
  onlyScope: number;
  /** The usernames of the first accounts, in their order. */
  usernames: string[];
};
