/** Escapes a text for LIKE, so that PostgreSQL finds it literally. */
export const escapeLike = (text: string) => text.replace(/[\\%_]/g, '\\$&');

/** Builds the pattern that finds a text anywhere. */
export const buildContainsPattern = (text: string) => `%${escapeLike(text)}%`;
