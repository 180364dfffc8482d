/** React reads arguments recursively, so deep nesting could overflow its stack. The pages nest five levels at most. */
const MAX_DEPTH = 32;
/** Matches the strings with `$` that are no references in React's encoding: an escaped string, and `undefined`. */
const PLAIN_VALUE = /^\$(?:\$|undefined$)/;

/**
 * Reports whether the body of a server action is a JSON list of plain values, as all pages send it. Other bodies may
 * contain React's references (`$1:x`, `$F1`, `$n1x`). If a reference has no target, Next.js responds 500 and logs an
 * error, so an attacker could fill the log.
 */
export function hasPlainArguments(body: string): boolean {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return false;
  }
  if (!Array.isArray(parsed)) return false;
  const values: { value: unknown; depth: number }[] = [{ value: parsed, depth: 1 }];
  for (let next = values.pop(); next; next = values.pop()) {
    const { value, depth } = next;
    if (depth > MAX_DEPTH) return false;
    if (typeof value === 'string' && value.startsWith('$') && !PLAIN_VALUE.test(value)) return false;
    if (typeof value === 'object' && value !== null)
      values.push(...Object.values(value).map((inner) => ({ value: inner, depth: depth + 1 })));
  }
  return true;
}
