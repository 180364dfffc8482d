import { z } from 'zod';

/** Prefix of the keys in the session storage, which the browser deletes with the tab. */
const PREFIX = 'stagedoor.draft.';

const storedSchema = z.object({ owner: z.string(), values: z.unknown() });

/** The session storage; null if the browser blocks it. */
function getStorage(): Storage | null {
  try {
    return window.sessionStorage;
  } catch {
    return null;
  }
}

function readStored(text: string | null): z.infer<typeof storedSchema> | null {
  try {
    return storedSchema.safeParse(JSON.parse(text ?? '')).data ?? null;
  } catch {
    return null;
  }
}

/**
 * Reads a draft.
 * @param owner who typed it; another owner gets null
 * @returns null if there is none, or if an earlier version of Stagedoor stored it in another shape
 */
export function readDraft<Values>(
  key: string,
  owner: string,
  schema: z.ZodType<Values>,
  storage = getStorage(),
): Values | null {
  const stored = readStored(storage?.getItem(PREFIX + key) ?? null);
  return stored?.owner === owner ? (schema.safeParse(stored.values).data ?? null) : null;
}

/** Reports whether the owner has a draft with this key, of whatever shape. */
export const hasDraft = (key: string, owner: string, storage = getStorage()): boolean =>
  readStored(storage?.getItem(PREFIX + key) ?? null)?.owner === owner;

/** Stores what was typed in a form. It must contain no password, code or key. */
export function saveDraft(key: string, owner: string, values: unknown, storage = getStorage()): void {
  try {
    storage?.setItem(PREFIX + key, JSON.stringify({ owner, values }));
  } catch {
    // The storage is full. The form works without a draft.
  }
}

export function removeDraft(key: string, storage = getStorage()): void {
  storage?.removeItem(PREFIX + key);
}

/** Removes all drafts, or only those of other owners. */
export function removeDrafts({ except }: { except?: string } = {}, storage = getStorage()): void {
  if (!storage) return;
  for (const key of Object.keys(storage).filter((each) => each.startsWith(PREFIX))) {
    if (except === undefined || readStored(storage.getItem(key))?.owner !== except) storage.removeItem(key);
  }
}
