import { or, type SQL, sql } from 'drizzle-orm';
import { SEARCHED_TEXT } from '#db/search-index.ts';
import { foldUsernameSearch } from '#lib/platform/user-input/name.ts';
import { normalizePhone } from '#lib/platform/user-input/phone.ts';

/** Digits of a phone number, with or without its country code or the zero that is dialled within the country. */
const PHONE_PART = /^(?:\+|0)?(\d{3,})$/;

/**
 * One or two ASCII characters. The index finds a text anywhere by groups of three, so a shorter one must begin what is
 * searched. Other characters are encoded as several.
 */
const SHORT = /^\p{ASCII}{1,2}$/u;

const searchedText = sql.raw(SEARCHED_TEXT);

/** Encodes a text as `SEARCHED_TEXT` is. */
const encodeText = (text: string) =>
  sql`encode(replace(lower(${text}::text), '\\', '\\\\')::bytea, 'escape')`;

/** Escapes a text for LIKE, as `escapeLike` does. */
const escapeForLike = (text: SQL) =>
  sql`replace(replace(replace(${text}, '\\', '\\\\'), '%', '\\%'), '_', '\\_')`;

function buildCondition(text: string): SQL {
  const start = SHORT.test(text) ? '%\n' : '%';
  return sql`${searchedText} like ${start}::text || ${escapeForLike(encodeText(text))} || '%'`;
}

/**
 * Builds the condition for accounts whose username, display name, email address or phone number contains the text, or
 * begins with it if it has one or two characters; undefined if it is empty. A phone number may be written with spaces,
 * and in national form.
 */
export function buildSearchCondition(search: string): SQL | undefined {
  const text = search.replaceAll('\0', '');
  const digits = PHONE_PART.exec(normalizePhone(text))?.[1];
  // Email addresses and display names are not folded.
  const texts = new Set([...foldUsernameSearch(text), text.toLowerCase(), digits ?? '']);
  return or(...[...texts].filter(Boolean).map(buildCondition));
}
