import { z } from 'zod';
import { normalizeSearch } from '#lib/platform/user-input/name.ts';

export const searchSchema = z.object({
  search: z
    .string()
    .max(200)
    // PostgreSQL cannot store NUL, so no text contains it.
    .refine((search) => !search.includes('\0'))
    .transform(normalizeSearch),
});
