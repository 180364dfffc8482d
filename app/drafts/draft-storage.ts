/** Prefix of the keys in the session storage, which the browser deletes with the tab. */
const PREFIX = 'stagedoor.draft.';

/** Validates the values of a draft: a Zod schema, or less. `data` is undefined if they are invalid. */
export type DraftSchema<Values> = { safeParse: (values: unknown) => { data?: Values | undefined } };

type Stored = { owner: string; values: unknown };

/** The session storage; null if the browser blocks it. */
function getStorage(): Storage | null {
  try {
    return window.sessionStorage;
  } catch {
    return null;
  }
}

/** Checks the outer shape without Zod, which pages without an open form do not load. */
const isStored = (value: unknown): value is Stored =>
  typeof value === 'object' && value !== null && 'owner' in value && typeof value.owner === 'string';

function readStored(text: string | null): Stored | null {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return isStored(value) ? value : null;
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
  schema: DraftSchema<Values>,
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
