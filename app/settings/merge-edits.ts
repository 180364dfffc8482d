type Edits<Values> = {
  /** The saved values with which the form was last filled. */
  original: Values;
  /** The values that another administrator saved after that. */
  saved: Values;
  /** The values in the form. */
  typed: Values;
};

export type SavedChange<Field> = {
  /** A field that the other administrator changed. */
  field: Field;
  /** Whether the form still has another value, which the next save would write. */
  isDisputed: boolean;
};

/**
 * Merges the values in a form with those that another administrator saved in the meantime: a three-way merge per field.
 * A field that was edited in the form keeps its value, and any other field takes the saved one. So saving again never
 * undoes a change that the user has not seen.
 * @param isSame whether two versions of a field mean the same
 */
export function mergeEdits<Field extends string, Values extends Record<Field, unknown>>(
  fields: readonly Field[],
  { original, saved, typed }: Edits<Values>,
  isSame = (field: Field, one: Values, other: Values): boolean => one[field] === other[field],
): { merged: Pick<Values, Field>; changes: SavedChange<Field>[] } {
  const merged: Partial<Pick<Values, Field>> = {};
  const changes: SavedChange<Field>[] = [];
  for (const field of fields) {
    const isEdited = !isSame(field, typed, original);
    merged[field] = (isEdited ? typed : saved)[field];
    if (isSame(field, saved, original)) continue;
    changes.push({ field, isDisputed: isEdited && !isSame(field, typed, saved) });
  }
  return { merged: merged as Pick<Values, Field>, changes };
}
